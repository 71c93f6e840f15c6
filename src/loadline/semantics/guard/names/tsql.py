"""Harmless functions of SQL Server 2022 and Azure SQL, gone through by hand from their manuals.

Left out though built in: OPENROWSET, OPENQUERY, OPENDATASOURCE, OPENXML (it needs a procedure), everything named fn_ or
xp_ or sp_, PWDENCRYPT and its kin, signing and key functions, HOST_NAME's kin that tell about the machine,
NEXT VALUE FOR.
"""

NAMES = frozenset(
    """
containstable freetexttable xact_state ident_current ident_seed ident_incr stats_date collationproperty
crypt_gen_random error_procedure
trigger_nestlevel getansinull database_principal_id current_transaction_id current_request_id min_active_rowversion
json_contains point stgeomfromtext stpointfromtext stlinefromtext stpolyfromtext stgeomfromwkb getroot unionaggregate
collectionaggregate envelopeaggregate
abs contains formatmessage freetext acos app_name approx_count_distinct approx_percentile_cont approx_percentile_disc
ascii asin atan atn2 avg
base64_decode base64_encode binary_checksum bit_count cast ceiling char charindex checksum checksum_agg choose
coalesce col_length col_name columnproperty compress concat concat_ws convert cos cot count count_big cume_dist
current_date current_timestamp current_timezone current_timezone_id current_user databasepropertyex datalength
date_bucket dateadd datediff datediff_big datefromparts datename datepart datetime2fromparts datetimefromparts
datetimeoffsetfromparts datetrunc day db_id db_name decompress degrees dense_rank difference edit_distance
edit_distance_similarity eomonth error_line error_message error_number error_severity error_state exp first_value
floor format generate_series get_bit getdate getutcdate greatest grouping grouping_id hashbytes identity_scope iif
index_col indexproperty isdate isjson isnull isnumeric jaro_winkler_distance jaro_winkler_similarity json_array
json_arrayagg json_modify json_object json_objectagg json_path_exists json_query json_value lag last_value lead
least left left_shift len log log10 lower ltrim max min month nchar newid newsequentialid ntile nullif
object_id object_name object_schema_name objectproperty objectpropertyex openjson original_login
parse parsename patindex percent_rank percentile_cont percentile_disc pi power product quotename radians rand rank
regexp_count regexp_instr regexp_like regexp_matches regexp_replace regexp_split_to_table regexp_substr replace
replicate reverse right right_shift round row_number rowcount_big rtrim schema_id schema_name scope_identity
serverproperty session_user set_bit sign sin smalldatetimefromparts soundex space sql_variant_property sqrt square
stdev stdevp str string_agg string_escape string_split stuff substring sum suser_name suser_sname switchoffset
sysdatetime sysdatetimeoffset system_user sysutcdatetime tan timefromparts todatetimeoffset translate trim try_cast
try_convert try_parse type_id type_name typeproperty unicode unistr upper user user_id user_name var varp
vector_distance vector_norm vector_normalize vectorproperty year
""".split()
)

METHODS = frozenset(
    """
value query exist nodes starea stasbinary stastext stbuffer stcentroid stcontains stconvexhull stdifference
stdimension stdisjoint stdistance stendpoint stenvelope stequals stgeometryn stgeometrytype stintersection
stintersects stisempty stisvalid stlength stnumgeometries stnumpoints stoverlaps stpointn ststartpoint stsrid
sttouches stunion stwithin stx sty tostring getancestor getdescendant getlevel isdescendantof
""".split()
)
"""Methods of XML, spatial and hierarchy values, called as `value.method(…)`; `modify` is not among them."""
