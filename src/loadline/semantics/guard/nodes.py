"""In: nothing. Out: the classes of SQLGlot's tree that a statement may be made of, and which of their parts may not be.

Names, not classes: a class that a newer SQLGlot adds is on no list, so it denies until a person has read what it is.
"""

from __future__ import annotations

from collections.abc import Mapping

FUNCTIONS = frozenset(
    """
Abs Acos Acosh AddMonths And AnonymousAggFunc Anonymous AnyValue NextValueFor SearchIp Apply ApproxDistinct
ApproxPercentileAccumulate
ApproxPercentileCombine ApproxPercentileEstimate ApproxQuantile ApproxQuantiles ApproxTopK ApproxTopKAccumulate
ApproxTopKCombine ApproxTopKEstimate ApproxTopSum ApproximateSimilarity ArgMax ArgMin Array ArrayAgg ArrayAll
ArrayAny ArrayAppend ArrayCompact ArrayConcat ArrayConcatAgg ArrayConstructCompact ArrayContainedBy ArrayContains
ArrayContainsAll ArrayDistinct ArrayExcept ArrayFilter ArrayFirst ArrayInsert ArrayIntersect ArrayLast ArrayMax
ArrayMin ArrayOverlaps ArrayPosition ArrayPrepend ArrayRemove ArrayRemoveAt ArrayReverse ArraySize ArraySlice
ArraySort ArraySum ArrayToString ArrayUnionAgg ArrayUniqueAgg ArraysZip Ascii Asin Asinh Atan Atan2 Atanh Avg
Base64DecodeBinary Base64DecodeString Base64Encode BitLength BitmapBitPosition BitmapBucketNumber BitmapConstructAgg
BitmapCount BitmapOrAgg BitwiseAndAgg BitwiseCount BitwiseOrAgg BitwiseXorAgg Booland Boolnot Boolor BoolxorAgg
ByteLength Case Cast CastToStrType Cbrt Ceil CheckJson CheckXml Chr CityHash64 Coalesce CodePointsToBytes
CodePointsToString Collate Collation Columns CombinedAggFunc CombinedParameterizedAgg Compress Concat ConcatWs
ConnectByRoot Contains Convert ConvertTimezone ConvertToCharset Corr Cos Cosh CosineDistance Cot Coth Count CountIf
CovarPop CovarSamp Csc Csch CumeDist CurrentAccount CurrentAccountName CurrentCatalog CurrentClient CurrentDatabase
CurrentDate CurrentDatetime CurrentOrganizationName CurrentRegion CurrentRole CurrentSchema CurrentSchemas
CurrentTime CurrentTimestamp CurrentTimestampLTZ CurrentTimezone CurrentUser CurrentVersion CurrentWarehouse
CurrentSession CurrentStatement CurrentTransaction Date
DateAdd DateBin DateDiff DateFromParts DateFromUnixDate DateStrToDate DateSub DateToDateStr DateToDi DateTrunc
Datetime DatetimeAdd DatetimeDiff DatetimeSub DatetimeTrunc Day DayOfMonth DayOfWeek DayOfWeekIso DayOfYear Dayname
Decode DecodeCase DecompressBinary DecompressString Degrees DenseRank DiToDate DotProduct Elt Encode EndsWith
EqualNull EuclideanDistance Exists Exp Explode ExplodingGenerateSeries Extract Factorial FarmFingerprint First
FirstValue Flatten Float64 Floor Format FromBase FromBase32 FromBase64 FromISO8601Date FromISO8601Timestamp FromJson
GapFill GenerateDateArray GenerateSeries GenerateTimestampArray Generator GetExtract GetIgnoreCase Getbit Greatest
GroupConcat Grouping GroupingId HashAgg Hex HexDecodeString Hll Host Hour If Initcap Inline Int64 IsArray IsAscii
IsInf IsNan IsNullValue JSONArray JSONArrayAgg JSONArrayAppend JSONArrayContains JSONArrayInsert JSONBContains
JSONBContainsAllTopKeys JSONBContainsAnyTopKeys JSONBContainsTopKey JSONBDeleteAtPath JSONBExists JSONBExtract
JSONBExtractScalar JSONBObjectAgg JSONBPathExists JSONBool JSONCast JSONExists JSONExtract JSONExtractArray
JSONExtractScalar JSONFormat JSONKeys JSONKeysAtDepth JSONObject JSONObjectAgg JSONRemove JSONSet JSONStripNulls
JSONTable JSONType JSONValueArray JarowinklerSimilarity JustifyDays JustifyHours JustifyInterval Kurtosis Lag Last
LastDay LastValue LaxBool LaxFloat64 LaxInt64 LaxString Lead Least Left Length Levenshtein List Ln Localtime
Localtimestamp Log LogicalAnd LogicalOr Lower LowerHex MD5 MD5Digest MD5NumberLower64 MD5NumberUpper64 MakeInterval
ManhattanDistance Map MapCat MapContainsKey MapDelete MapFromEntries MapInsert MapKeys MapPick MapSize MatchAgainst
Max Median Min Minhash MinhashCombine Minute Mode Month Monthname MonthsBetween Nanvl Negative NetFunc NextDay
Normal Normalize NthValue Ntile Nullif NumberToStr Nvl2 ObjectAgg ObjectId ObjectInsert OpenJSON Or Overlay Pad
ParameterizedAgg ParseBignumeric ParseDatetime ParseIp ParseJSON ParseNumeric ParseTime ParseUrl PercentRank
PercentileCont PercentileDisc Pi Posexplode Pow PreviousDay Quantile Quarter Radians Rand Randn Randstr RangeBucket
RangeN Rank Reduce RegDomain RegexpCount RegexpExtract RegexpExtractAll RegexpFullMatch RegexpILike RegexpInstr
RegexpLike RegexpReplace RegexpSplit RegexpSubstr RegrAvgx RegrAvgy RegrCount RegrIntercept RegrR2 RegrSlope RegrSxx
RegrSxy RegrSyy RegrValx RegrValy Repeat Replace Reverse Right Rint Round RowNumber RtrimmedLength SHA SHA1Digest
SHA2 SHA2Digest SafeAdd SafeConvertBytesToString SafeDivide SafeFunc SafeMultiply SafeNegate SafeSubtract Search Sec
Sech Second Seq1 Seq2 Seq4 Seq8 SessionUser Shuffle Sign Sin Sinh Skewness Soundex SoundexP123 Space Split SplitPart
SplitToTable Sqrt StDistance StPoint StandardHash StarMap StartsWith Stddev StddevPop StddevSamp StrPosition
StrToDate StrToMap StrToTime StrToUnix String StringToArray StripNullValue Strtok StrtokSplitToTable StrtokToArray
Struct StructExtract Stuff Substring SubstringIndex Sum Systimestamp Tan Tanh Time TimeAdd TimeDiff TimeFromParts
TimeSlice TimeStrToDate TimeStrToTime TimeStrToUnix TimeSub TimeToStr TimeToTimeStr TimeToUnix TimeTrunc Timestamp
TimestampAdd TimestampDiff TimestampFromParts TimestampLtzFromParts TimestampSub TimestampTrunc TimestampTzFromParts
ToArray ToBase32 ToBase64 ToBinary ToBoolean ToChar ToCodePoints ToDays ToDecfloat ToDouble ToMap ToNumber ToVariant
Transform Translate Trim Trunc Try TryBase64DecodeBinary TryBase64DecodeString TryCast TryHexDecodeBinary
TryHexDecodeString TryToDecfloat TsOrDiToDi TsOrDsAdd TsOrDsDiff TsOrDsToDate TsOrDsToDateStr TsOrDsToDatetime
TsOrDsToTime TsOrDsToTimestamp Typeof Unhex Unicode Uniform UnixDate UnixMicros UnixMillis UnixSeconds UnixToStr
UnixToTime UnixToTimeStr Unnest Upper UtcDate UtcTime UtcTimestamp Uuid VarMap Variance VariancePop Week WeekOfYear
WeekStart WeightString WidthBucket XMLElement XMLGet XMLTable Xor Year YearOfWeek YearOfWeekIso Zipf Agg
""".split()
)
"""Functions SQLGlot has a class for. What was written is checked by name besides: two names may share a class."""

_EXPRESSIONS = """
Add Adjacent Alias Aliases All Any AtTimeZone Between BitString BitwiseAnd BitwiseLeftShift BitwiseNot BitwiseOr
BitwiseRightShift BitwiseXor Boolean Bracket ByteString Column CharacterSet Cube DPipe DataType DataTypeParam Distance
Distinct Div Dot EQ Escape Except Filter FormatJson From FromTimeZone GT GTE Glob Group GroupingSets Having HavingMax
Heredoc
HexString ILike Identifier IgnoreNulls In IntDiv Intersect Interval IntervalSpan Introducer Is JSON JSONColumnDef
JSONExtractQuote JSONKeyValue JSONPath JSONPathFilter JSONPathKey JSONPathPart JSONPathRecursive JSONPathRoot
JSONPathScript
JSONPathSelector JSONPathSlice JSONPathSubscript JSONPathUnion JSONPathWildcard JSONSchema JSONValue Kwarg LT LTE Lambda
Like Literal Match Mod Mul NEQ National Neg Not Null NullSafeEQ NullSafeNEQ OnCondition OpenJSONColumnDef Order Ordered
Overlaps OverflowTruncateBehavior Paren Placeholder PositionalColumn PropertyEQ PseudoType Qualify RawString
RespectNulls
Rollup SimilarTo Slice Star Sub Tuple UnicodeString Var Where Window WindowSpec WithinGroup ExtendsLeft ExtendsRight
TableColumn Variadic XMLNamespace XMLKeyValueOption Comprehension ForIn NestedJSONSelect TranslateCharacters WithFill
ObjectIdentifier DistanceNd ColumnConstraint NotNullColumnConstraint PathColumnConstraint DefaultColumnConstraint
ScopeResolution
"""

_QUERIES = """
CTE ColumnDef Connect Fetch HistoricalData Join Lateral Limit LimitOptions MatchRecognize MatchRecognizeMeasure
Nearest Offset
Pivot PivotAlias PivotAny PivotFunction PreWhere Prior Pseudocolumn QueryOption RecursiveWithSearch Select SetOperation
Subquery Table TableAlias TableFromRows TableSample Union UnpivotColumns Values Version With WithTableHint
IndexTableHint
Partition PartitionedByProperty Schema Return Changes ColumnPosition ForClause Into Parameter SessionParameter
"""

_WRITES = "Insert Update Delete Merge When Whens Returning OnConflict MultitableInserts ConditionalInsert"

_DEFINITIONS = """
Create Drop TruncateTable Alter Comment Schema ColumnDef ColumnConstraint Constraint AddConstraint AlterColumn
AlterRename RenameColumn Check CheckColumnConstraint CollateColumnConstraint CommentColumnConstraint
DefaultColumnConstraint GeneratedAsIdentityColumnConstraint AutoIncrementColumnConstraint NotNullColumnConstraint
PrimaryKey PrimaryKeyColumnConstraint UniqueColumnConstraint ForeignKey Reference Index IndexParameters Properties
TemporaryProperty TransientProperty MaterializedProperty SchemaCommentProperty InlineLengthColumnConstraint
ComputedColumnConstraint PartitionedByProperty PartitionByListProperty PartitionByRangeProperty Cluster
ClusteredColumnConstraint NonClusteredColumnConstraint CharacterSetColumnConstraint UnloggedProperty
OnCommitProperty EngineProperty CharacterSetProperty CollateProperty AutoIncrementProperty LikeProperty
DropPrimaryKey IndexColumnConstraint OnUpdateColumnConstraint ZeroFillColumnConstraint InvisibleColumnConstraint
Opclass StrictProperty ClusteredByProperty ClusterProperty SequenceProperties ColumnPrefix ModifyColumn
AlgorithmProperty CopyGrantsProperty SecureProperty RowFormatProperty ViewAttributeProperty PartitionedOfProperty
PartitionBoundSpec SwapTable Clone OnProperty Property AlterSet Undrop
"""

_PARTS_REFUSED: Mapping[str, frozenset[str]] = {
    "Select": frozenset({"hint", "prewhere", "distribute", "sort", "cluster", "settings", "format"}),
    "Subquery": frozenset({"prewhere", "distribute", "sort", "cluster", "settings", "format", "options", "for_"}),
    "Table": frozenset({"format", "pattern"}),
    "Insert": frozenset({"hint", "is_function", "exists", "stored", "settings", "partition", "source"}),
    "Update": frozenset({"hint"}),
    "Delete": frozenset({"hint", "cluster"}),
    "With": frozenset({"udfs"}),
    "Create": frozenset({"begin", "refresh"}),
    "Returning": frozenset({"into"}),
    "Drop": frozenset({"purge", "sync", "iceberg", "force"}),
    "AlterSet": frozenset({"option", "file_format", "copy_options", "tag", "location", "serde", "tablespace"}),
}

_NOTHING: frozenset[str] = frozenset()


def _parts(names: str) -> dict[str, frozenset[str]]:
    return {name: _PARTS_REFUSED.get(name, _NOTHING) for name in names.split()}


ALLOWED: Mapping[str, frozenset[str]] = _parts(f"{_EXPRESSIONS} {_QUERIES} {_WRITES} {' '.join(FUNCTIONS)}") | {
    "Operator": _NOTHING
}
"""In a query or a write: class name to the parts of it that are refused."""

ALLOWED_IN_DEFINITIONS: Mapping[str, frozenset[str]] = dict(ALLOWED) | _parts(_DEFINITIONS)

DEFINED_KINDS = frozenset({"TABLE", "VIEW", "INDEX", "SCHEMA", "MATERIALIZED VIEW", "SEQUENCE", "COLUMN"})
"""What may be created, altered, dropped. Functions, triggers, roles, databases and the like are code or rights."""

WRITE_HINTS = frozenset({"HOLDLOCK", "SERIALIZABLE", "REPEATABLEREAD", "UPDLOCK"})
"""Besides, in a write: it holds the locks that it needs for longer."""

STORAGE_ENGINES = frozenset({"innodb", "myisam", "aria", "memory"})

TABLE_HINTS = frozenset({
    "NOLOCK", "READUNCOMMITTED", "READCOMMITTED", "READPAST", "FORCESEEK", "FORCESCAN", "NOEXPAND", "SNAPSHOT",
    "ROWLOCK", "NOWAIT", "READCOMMITTEDLOCK", "INDEX",
})  # fmt: skip
"""Of SQL Server: they choose how rows are read. Those that take stronger locks than a read needs are left out."""

QUERY_OPTIONS = frozenset({
    "MAXRECURSION", "MAXDOP", "RECOMPILE", "HASH GROUP", "ORDER GROUP", "CONCAT UNION", "HASH UNION", "MERGE UNION",
    "LOOP JOIN", "MERGE JOIN", "HASH JOIN", "FAST", "FORCE ORDER", "OPTIMIZE FOR UNKNOWN", "KEEP PLAN",
    "KEEPFIXED PLAN",
    "ROBUST PLAN", "LABEL", "EXPAND VIEWS", "MIN_GRANT_PERCENT", "MAX_GRANT_PERCENT",
})  # fmt: skip

OPCLASSES = frozenset("""
jsonb_ops jsonb_path_ops array_ops tsvector_ops text_ops text_pattern_ops varchar_ops varchar_pattern_ops
bpchar_pattern_ops inet_ops range_ops int4_ops int8_ops numeric_ops date_ops timestamptz_ops uuid_ops
int4_minmax_ops int8_minmax_ops date_minmax_ops timestamptz_minmax_ops gin_trgm_ops gist_trgm_ops
vector_cosine_ops vector_l2_ops vector_ip_ops halfvec_cosine_ops halfvec_l2_ops
""".split())  # fmt: skip
"""Of PostgreSQL and the extensions beside it: another one is functions that somebody wrote."""

PROPERTIES: Mapping[str, frozenset[str]] = {
    "postgres": frozenset("""
including excluding fillfactor pages_per_range autosummarize lists m ef_construction fastupdate gin_pending_list_limit
deduplicate_items buffering toast_tuple_target
""".split()),
    "duckdb": frozenset({"metric", "ef_construction", "ef_search", "m", "m0"}),
    "bigquery": frozenset("""
description friendly_name labels expiration_timestamp partition_expiration_days require_partition_filter
default_table_expiration_days default_partition_expiration_days max_time_travel_hours default_collation
enable_refresh refresh_interval_minutes max_staleness default_rounding_mode is_case_insensitive
""".split()),
    "snowflake": frozenset("""
comment data_retention_time_in_days max_data_extension_time_in_days change_tracking default_ddl_collation
enable_schema_evolution
""".split()),
    "mysql": frozenset("""
key_block_size avg_row_length max_rows min_rows checksum stats_persistent stats_auto_recalc stats_sample_pages pack_keys
""".split()),
    "tsql": frozenset("""
fillfactor pad_index data_compression online sort_in_tempdb ignore_dup_key allow_row_locks allow_page_locks
statistics_norecompute statistics_incremental drop_existing maxdop optimize_for_sequential_key xml_compression
""".split()),
}  # fmt: skip
"""Options of a table: how long it is kept, how described, how packed; none names a place outside, a key, a right."""
