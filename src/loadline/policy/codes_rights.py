"""Every code a decision about the use of data can carry."""

from __future__ import annotations

from loadline.values.diagnostic import Code

NO_RIGHT = "RGT001"
FORBIDDEN = "RGT002"
FAILED = "RGT003"
CONSENT_CANNOT_APPLY = "RGT004"
NOT_STATED = "RGT005"

RIGHTS: dict[str, Code] = {
    code.code: code
    for code in (
        Code(
            code=NO_RIGHT,
            title="no right of the contract permits this use",
            why="A contract that states `aiRights` allows what they permit and nothing else; a permit with a purpose, "
            "region, provider or day fits only a use that is known to be so.",
            wrong="- {permit: inference-context, purpose: ServiceProvision}   # and nobody said what for",
            right='loadline ask "booked revenue by region" --purpose ServiceProvision',
        ),
        Code(
            code=FORBIDDEN,
            title="a right of the contract forbids this use",
            why="A forbid beats every permit, in whatever order they are written; where the use leaves its purpose or "
            "region unsaid, a forbid that may fit does.",
            wrong='- {forbid: "*", columns: [email]}   # which the question reads',
            right="Ask without the column, or have the contract's owner narrow the right.",
        ),
        Code(
            code=FAILED,
            title="the rights could not be judged",
            why="An error forbids: when a right cannot be evaluated nobody knows whether it would have forbidden.",
            wrong="(a fault while judging)",
            right="Run `loadline check`; if it finds nothing, report a bug with the receipt's run.",
        ),
        Code(
            code=CONSENT_CANNOT_APPLY,
            title="a consent that rows must have cannot be looked at",
            why="Only rows of those who agreed may be used, and from the rows that are asked for no many-to-one path "
            "leads to the consent.",
            wrong="consent: consents.is_granted   # and the metric counts a dataset with no path to consents",
            right="Ask for that metric alone, or add the relationship that leads to the consent.",
        ),
        Code(
            code=NOT_STATED,
            title="the contract does not say what its data may be used for",
            why="A gate in front of training, a release or an export lets nothing through that nobody has permitted.",
            wrong="loadline data rights orders --use pre-training   # and contracts/orders.yaml has no aiRights",
            right="customProperties: [{property: aiRights, vendor: loadline, value: [{permit: pre-training}]}]",
        ),
    )
}
