"""What data is used for: the purposes of the W3C Data Privacy Vocabulary, and which is part of which.

Names and their order are those of DPV 2.0, https://w3id.org/dpv/2.0#purposes (W3C Document Licence): a purpose, and
those it is part of. Whoever may use data for a purpose may use it for every part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

NAMESPACE = "https://w3id.org/dpv#"

_PARTS = """
AcademicResearch: ResearchAndDevelopment
AccountManagement:
Advertising: Marketing
AgeVerification: Verification
CombatClimateChange: PublicBenefit
CommercialPurpose:
CommercialResearch: ResearchAndDevelopment CommercialPurpose
CommunicationForCustomerCare: CustomerCare CommunicationManagement
CommunicationManagement:
CounterMoneyLaundering: FraudPreventionAndDetection
Counterterrorism: PublicBenefit
CreditChecking: CustomerSolvencyMonitoring
CustomerCare: CustomerManagement
CustomerClaimsManagement: CustomerManagement
CustomerManagement:
CustomerOrderManagement: CustomerManagement
CustomerRelationshipManagement: CustomerManagement
CustomerSolvencyMonitoring: CustomerManagement
DataAltruism: PublicBenefit
DeliveryOfGoods: RequestedServiceProvision
DirectMarketing: Marketing
DisputeManagement: OrganisationGovernance
EnforceAccessControl: EnforceSecurity
EnforceSecurity:
EstablishContractualAgreement:
FraudPreventionAndDetection: MisusePreventionAndDetection
FulfilmentOfContractualObligation: FulfilmentOfObligation
FulfilmentOfObligation:
HumanResourceManagement:
IdentityAuthentication: EnforceSecurity
IdentityVerification: Verification
ImproveExistingProductsAndServices: OptimisationForController
ImproveHealthcare: PublicBenefit
ImproveInternalCRMProcesses: CustomerRelationshipManagement OptimisationForController
ImprovePublicServices: PublicBenefit
ImproveTransportMobility: PublicBenefit
IncreaseServiceRobustness: OptimisationForController
InternalResourceOptimisation: OptimisationForController
LegalCompliance: FulfilmentOfObligation
MaintainCreditCheckingDatabase: CreditChecking
MaintainCreditRatingDatabase: CreditChecking
MaintainFraudDatabase: FraudPreventionAndDetection
Marketing:
MemberPartnerManagement: OrganisationGovernance
MisusePreventionAndDetection: EnforceSecurity
NonCommercialPurpose:
NonCommercialResearch: ResearchAndDevelopment NonCommercialPurpose
OptimisationForConsumer: ServiceOptimisation
OptimisationForController: ServiceOptimisation
OptimiseUserInterface: OptimisationForConsumer
OrganisationComplianceManagement: OrganisationGovernance
OrganisationGovernance:
OrganisationRiskManagement: OrganisationGovernance
PaymentManagement: ServiceProvision
Personalisation:
PersonalisedAdvertising: Personalisation Advertising
PersonalisedBenefits: ServicePersonalisation
PersonnelHiring: PersonnelManagement
PersonnelManagement: HumanResourceManagement
PersonnelPayment: PersonnelManagement
ProtectionOfIPR: FulfilmentOfObligation
ProtectionOfNationalSecurity: PublicBenefit
ProtectionOfPublicSecurity: PublicBenefit
ProvideEventRecommendations: ProvidePersonalisedRecommendations
ProvideOfficialStatistics: PublicBenefit
ProvidePersonalisedRecommendations: ServicePersonalisation
ProvideProductRecommendations: ProvidePersonalisedRecommendations
PublicBenefit:
PublicPolicyMaking: PublicBenefit
PublicRelations: Marketing
RecordManagement:
RepairImpairments: ServiceProvision
RequestedServiceProvision: ServiceProvision
ResearchAndDevelopment:
RightsFulfillment:
ScientificResearch: ResearchAndDevelopment
SearchFunctionalities: ServiceProvision
SellDataToThirdParties: SellProducts
SellInsightsFromData: SellProducts
SellProducts: ServiceProvision
SellProductsToDataSubject: SellProducts
ServiceOptimisation: ServiceProvision
ServicePersonalisation: ServiceProvision Personalisation
ServiceProvision:
ServiceRegistration: ServiceProvision
ServiceUsageAnalytics: ServiceProvision
SocialMediaMarketing: Marketing
TargetedAdvertising: PersonalisedAdvertising
TechnicalServiceProvision: ServiceProvision
UserInterfacePersonalisation: ServicePersonalisation
VendorManagement:
VendorPayment: VendorManagement
VendorRecordsManagement: VendorManagement
VendorSelectionAssessment: VendorManagement
Verification: EnforceSecurity
"""


def _read() -> dict[str, tuple[str, ...]]:
    lines = (line.partition(":") for line in _PARTS.split("\n") if line)
    return {name: tuple(wider.split()) for name, _, wider in lines}


PURPOSES: Mapping[str, tuple[str, ...]] = MappingProxyType(_read())
"""Purpose → the purposes it is directly part of."""


@cache
def purposes_around(purpose: str) -> frozenset[str]:
    """The purpose itself and every purpose it is part of, however far up."""
    return frozenset({purpose}).union(*(purposes_around(wider) for wider in PURPOSES.get(purpose, ())))
