"""In: nothing. Out: per dialect, a grammar of the definitions that may be read without SQLGlot (`grammar.py` says how).

From the manuals. Left out on purpose: owners, rights, policies, tags and masks; what switches triggers, constraints or
row history off; other storage engines, files, connections, encryption; whatever rebuilds or schedules.
"""

from __future__ import annotations

from collections.abc import Mapping

_MYSQL = """
START := create [ temporary ] table [ if not exists ] TARGET ( ITEM { , ITEM } ) { [ , ] OPTION } [ PARTITIONING ]
 | create [ temporary ] table [ if not exists ] TARGET ( like SOURCE )
 | create [ unique|fulltext|spatial ] index [ if not exists ] NAME [ USING ] on TARGET ( KEYPARTS ) { AFTERKEY }
 | alter [ ignore ] table [ if exists ] TARGET CHANGE { , CHANGE } [ PARTITIONING ]
 | drop index [ if exists ] NAME on TARGET { LOCKING }
 | rename table|tables TARGET to TARGET { , TARGET to TARGET }
AFTERKEY := INDEXOPTION | LOCKING
LOCKING := algorithm [ = ] default|inplace|copy|instant|nocopy | lock [ = ] default|none|shared|exclusive
USING := using btree|hash
KEYPARTS := KEYPART { , KEYPART }
KEYPART := NAME [ ( NUMBER ) ] [ asc|desc ] | ( EXPR ) [ asc|desc ]
NAMES := NAME { , NAME }
TEXT := NAME | STRING
INDEXOPTION := USING | comment STRING | visible|invisible | with parser ngram|mecab | key_block_size [ = ] NUMBER
CONSTRAINT := constraint [ NAME ]
KEYITEM := [ CONSTRAINT ] primary key [ USING ] ( KEYPARTS ) { INDEXOPTION }
 | [ CONSTRAINT ] unique [ index|key ] [ NAME ] [ USING ] ( KEYPARTS ) { INDEXOPTION }
 | index|key [ NAME ] [ USING ] ( KEYPARTS ) { INDEXOPTION }
 | fulltext|spatial [ index|key ] [ NAME ] ( KEYPARTS ) { INDEXOPTION }
 | [ CONSTRAINT ] foreign key [ if not exists ] [ NAME ] ( NAMES ) REFERENCE
 | [ CONSTRAINT ] check ( EXPR ) [ ENFORCED ]
ENFORCED := not enforced | enforced
REFERENCE := references SOURCE [ ( NAMES ) ] { ONACTION }
ONACTION := on delete|update cascade|restrict | on delete|update set null|default | on delete|update no action
ITEM := KEYITEM | COLUMN
COLUMN := NAME TYPE { ATTRIBUTE }
TYPE := enum|set ( STRING { , STRING } ) { CHARACTERS } | TYPENAME [ TYPENAME ] [ ( NUMBER { , NUMBER } ) ] { OFTYPE }
OFTYPE := unsigned|signed|zerofill|binary | CHARACTERS
CHARACTERS := character set TEXT | charset TEXT | collate TEXT
ATTRIBUTE := not null | null | default VALUE | auto_increment|visible|invisible | primary key | unique [ key ] | key
 | comment STRING | CHARACTERS | on update NOW | [ generated always ] as ( EXPR ) [ virtual|stored|persistent ]
 | [ CONSTRAINT ] check ( EXPR ) [ ENFORCED ] | REFERENCE | srid NUMBER
NOW := current_timestamp|now|localtime|localtimestamp [ ( [ NUMBER ] ) ]
VALUE := NOW | null|true|false | [ -|+ ] NUMBER | STRING | ( EXPR ) | CALL
OPTION := engine [ = ] innodb|myisam|memory|aria | auto_increment [ = ] NUMBER | comment [ = ] STRING
 | [ default ] charset|collate [ = ] TEXT | [ default ] character set [ = ] TEXT
 | row_format [ = ] default|dynamic|compact|compressed|redundant|fixed | PROPERTY [ = ] NUMBER | PROPERTY [ = ]
   default
PARTITIONING := partition by PARTITIONBY [ partitions NUMBER ] [ ( PARTITION { , PARTITION } ) ]
PARTITIONBY := [ linear ] hash ( EXPR ) | [ linear ] key ( [ NAMES ] ) | range|list columns ( NAMES ) | range|list (
   EXPR )
PARTITION := partition NAME [ BOUNDS ] [ engine [ = ] innodb|myisam|aria ] [ comment [ = ] STRING ]
BOUNDS := values less than maxvalue | values less than|in ( EXPR { , EXPR } ) | values in ( EXPR { , EXPR } )
POSITION := first | after NAME
CHANGE := add partition ( PARTITION { , PARTITION } ) | drop|truncate partition NAMES | coalesce partition NUMBER
 | reorganize partition NAMES into ( PARTITION { , PARTITION } ) | remove partitioning
 | add KEYITEM | add [ column ] [ if not exists ] COLUMN [ POSITION ] | add [ column ] ( ITEM { , ITEM } )
 | modify [ column ] [ if exists ] COLUMN [ POSITION ] | change [ column ] [ if exists ] NAME COLUMN [ POSITION ]
 | alter index NAME visible|invisible | alter [ column ] NAME set default VALUE | alter [ column ] NAME drop default
 | alter [ column ] NAME set visible|invisible
 | drop primary key | drop index|key [ if exists ] NAME | drop foreign key [ if exists ] NAME
 | drop check|constraint [ if exists ] NAME | drop [ column ] [ if exists ] NAME [ cascade|restrict ]
 | rename column NAME to NAME | rename index|key NAME to NAME | rename [ to|as ] TARGET
 | convert to character set TEXT [ collate TEXT ] | LOCKING | OPTION
"""

_TSQL = """
START := create table TARGET ( ITEM { , ITEM } [ , ] ) { STORAGE } [ as node|edge ] | create table TARGET as node|edge
 | create [ unique ] [ clustered|nonclustered ] index NAME on TARGET ( KEYPARTS ) INDEXED
 | create [ clustered|nonclustered ] columnstore index NAME on TARGET [ ( NAMES ) ] INDEXED
 | create spatial index NAME on TARGET ( NAME )
 | create fulltext index on TARGET ( SEARCHED { , SEARCHED } ) key index NAME
 | alter table TARGET CHANGE
 | drop index [ if exists ] NAME on TARGET { , NAME on TARGET }
 | truncate table TARGET with ( partitions ( RANGE { , RANGE } ) )
 | alter sequence TARGET { SEQUENCE }
 | create schema NAME authorization dbo
SEQUENCE := restart [ with NUMBER ] | increment by [ - ] NUMBER | minvalue|maxvalue|cache NUMBER | no
   minvalue|maxvalue|cycle|cache
RANGE := NUMBER [ to NUMBER ]
SEARCHED := NAME [ type column NAME ] [ language NUMBER ]
INDEXED := [ include ( NAMES ) ] [ where FILTER ] { STORAGE }
STORAGE := with ( OPTION { , OPTION } ) | on NAME [ ( NAME ) ] | textimage_on NAME
OPTION := PROPERTY = NUMBER | PROPERTY = on|off | data_compression = none|row|page|columnstore
 | system_versioning = on [ ( history_table = TARGET [ , data_consistency_check = on|off ] ) ]
KEYPARTS := NAME [ asc|desc ] { , NAME [ asc|desc ] }
NAMES := NAME { , NAME }
CONSTRAINT := constraint NAME
KEYITEM := [ CONSTRAINT ] primary key [ clustered|nonclustered ] ( KEYPARTS ) { STORAGE }
 | [ CONSTRAINT ] unique [ clustered|nonclustered ] ( KEYPARTS ) { STORAGE }
 | [ CONSTRAINT ] foreign key ( NAMES ) REFERENCE
 | [ CONSTRAINT ] check ( EXPR )
 | index NAME [ unique ] [ clustered|nonclustered ] [ columnstore ] [ ( KEYPARTS ) ] INDEXED
 | period for system_time ( NAME , NAME )
REFERENCE := references SOURCE [ ( NAMES ) ] { ONACTION }
ONACTION := on delete|update cascade | on delete|update no action | on delete|update set null|default
ITEM := KEYITEM | COLUMN
COLUMN := NAME as ( EXPR ) [ persisted [ not null ] ] | NAME TYPE { ATTRIBUTE }
TYPE := TYPENAME [ ( SIZE { , SIZE } ) ]
SIZE := NUMBER | max
ATTRIBUTE := not null | null | identity [ ( [ - ] NUMBER , [ - ] NUMBER ) ] | [ CONSTRAINT ] default VALUE [ with
   values ]
 | [ CONSTRAINT ] primary key [ clustered|nonclustered ] | [ CONSTRAINT ] unique [ clustered|nonclustered ]
 | [ CONSTRAINT ] [ foreign key ] REFERENCE | [ CONSTRAINT ] check ( EXPR ) | collate NAME
 | rowguidcol|sparse|hidden | not for replication | index NAME [ unique ] [ clustered|nonclustered ]
 | generated always as row start|end
VALUE := null|current_timestamp | [ -|+ ] NUMBER | STRING | ( EXPR ) | CALL
CHANGE := [ with check|nocheck ] add ADDED { , ADDED }
 | alter column NAME TYPE [ collate NAME ] [ NULLABLE ] [ with ( OPTION ) ]
 | alter column NAME add|drop persisted|rowguidcol|sparse|hidden
 | drop DROPPED { , DROPPED } | [ with check ] check constraint CHECKED
 | switch [ partition NUMBER ] to TARGET [ partition NUMBER ]
NULLABLE := not null | null
CHECKED := all | NAMES
ADDED := KEYITEM | [ CONSTRAINT ] default VALUE for NAME [ with values ] | COLUMN
DROPPED := [ column|constraint ] [ if exists ] NAME
"""

_SNOWFLAKE = """
START := create [ or replace|alter ] [ local|global ] [ temp|temporary|volatile|transient|hybrid ] table [ if not
   exists ] TARGET ( ITEM { , ITEM } ) { OPTION }
 | alter table [ if exists ] TARGET CHANGE
 | alter [ materialized ] view [ if exists ] TARGET RENAMED
 | alter view [ if exists ] TARGET SETTING
 | alter schema [ if exists ] PATH RENAMED | alter schema [ if exists ] PATH SETTING
 | alter sequence [ if exists ] TARGET RENAMED | alter sequence [ if exists ] TARGET [ set ] increment [ by ] [ = ]
   [ - ] NUMBER
RENAMED := rename to PATH
SETTING := set OPTION { [ , ] OPTION } | unset PROPERTY { , PROPERTY }
OPTION := PROPERTY = NUMBER | PROPERTY = STRING | PROPERTY = true|false
CHANGE := add KEYITEM | add [ column ] ADDED { , ADDED }
 | add|drop search optimization [ on METHOD { , METHOD } ]
 | drop clustering key | drop primary key | drop unique|foreign [ key ] ( NAMES ) | drop constraint NAME [
   cascade|restrict ]
 | drop [ column ] [ if exists ] NAMES
 | alter|modify MODIFIED { , MODIFIED } | alter|modify ( MODIFIED { , MODIFIED } )
 | rename column NAME to NAME | rename to TARGET | swap with TARGET | cluster by ( EXPR { , EXPR } ) | SETTING
METHOD := equality|substring|geo|full_text ( PATH { , PATH } )
ADDED := [ if not exists ] COLUMN
MODIFIED := [ column ] NAME MODIFICATION
MODIFICATION := set not null | drop not null | drop default | [ set data ] type TYPE | comment STRING | unset comment
NAMES := NAME { , NAME }
CONSTRAINT := constraint NAME
KEYITEM := [ CONSTRAINT ] primary key ( NAMES ) { RELIED } | [ CONSTRAINT ] unique ( NAMES ) { RELIED }
 | [ CONSTRAINT ] foreign key ( NAMES ) REFERENCE | index NAME ( NAMES ) [ include ( NAMES ) ]
REFERENCE := references SOURCE [ ( NAMES ) ] { RELIED }
RELIED := not enforced | enforced|rely|norely|validate|novalidate
 | on delete|update cascade|restrict | on delete|update set null|default | on delete|update no action
ITEM := KEYITEM | COLUMN
COLUMN := NAME TYPE { ATTRIBUTE }
TYPE := TYPENAME [ TYPENAME ] [ ( SIZE { , SIZE } ) ]
SIZE := NUMBER | TYPENAME [ ( NUMBER { , NUMBER } ) ] [ not null ]
ATTRIBUTE := not null | null | default VALUE | [ CONSTRAINT ] primary key { RELIED } | [ CONSTRAINT ] unique {
   RELIED }
 | [ CONSTRAINT ] [ foreign key ] REFERENCE | collate STRING | comment STRING | as ( EXPR )
 | autoincrement|identity [ ( NUMBER , NUMBER ) ] [ start NUMBER increment NUMBER ] [ order|noorder ]
VALUE := null|true|false|current_timestamp|current_date | [ -|+ ] NUMBER | STRING | ( EXPR ) | CALL
"""

_BIGQUERY = """
START := alter table [ if exists ] TARGET CHANGE { , CHANGE }
 | alter view|table [ if exists ] TARGET set options ( OPTIONS )
 | alter materialized view [ if exists ] TARGET set options ( OPTIONS )
 | alter schema [ if exists ] PATH set options ( OPTIONS ) | alter schema [ if exists ] PATH set default collate
   STRING
 | create snapshot table [ if not exists ] TARGET clone SOURCE [ for system_time as of FILTER ] [ options ( OPTIONS
   ) ]
 | create [ or replace ] table [ if not exists ] TARGET clone SOURCE for system_time as of FILTER
   [ options ( OPTIONS ) ]
 | create schema [ if not exists ] PATH [ default collate STRING ] [ options ( OFSCHEMA { , OFSCHEMA } ) ]
 | create [ or replace ] search|vector index [ if not exists ] NAME on TARGET ( INDEXED ) [ options ( OFINDEX { ,
   OFINDEX } ) ]
 | drop search|vector index [ if exists ] NAME on TARGET
 | drop snapshot table [ if exists ] TARGET
OFSCHEMA := location = PLACE | PROPERTY = EXPR
OFINDEX := analyzer|analyzer_options|index_type|distance_type|ivf_options = STRING
INDEXED := all columns | NAMES
NAMES := NAME { , NAME }
OPTIONS := PROPERTY = EXPR { , PROPERTY = EXPR }
CHANGE := add column [ if not exists ] COLUMN | add KEYITEM | drop column [ if exists ] NAME
 | drop primary key [ if exists ] | drop constraint [ if exists ] NAME
 | rename column [ if exists ] NAME to NAME | rename to NAME | alter column [ if exists ] NAME MODIFIED
 | set options ( OPTIONS ) | set default collate STRING
KEYITEM := primary key ( NAMES ) not enforced
 | [ constraint [ if not exists ] NAME ] foreign key ( NAMES ) references SOURCE ( NAMES ) not enforced
MODIFIED := set options ( OPTIONS ) | drop not null | drop default | set data type TYPE | set default VALUE
COLUMN := NAME TYPE { ATTRIBUTE }
ATTRIBUTE := not null | default VALUE | collate STRING | options ( OPTIONS )
TYPE := array < ELEMENT > | struct < FIELD { , FIELD } > | range < TYPE > | TYPENAME [ ( NUMBER { , NUMBER } ) ]
ELEMENT := TYPE { ATTRIBUTE }
FIELD := COLUMN | TYPE
VALUE := null|true|false|current_timestamp|current_date | [ - ] NUMBER | STRING | CALL | ( EXPR )
"""

_POSTGRES = """
START := create [ temp|temporary|unlogged ] table [ if not exists ] TARGET ( [ ITEM { , ITEM } ] ) { AFTERTABLE }
 | create [ temp|temporary|unlogged ] table [ if not exists ] TARGET partition of SOURCE [ ( ITEM { , ITEM } ) ]
   BOUND { AFTERTABLE }
 | create [ unique ] index [ concurrently ] [ [ if not exists ] NAME ] on [ only ] TARGET [ using METHOD ] ( INDEXED
   { , INDEXED } ) [ include ( NAMES ) ] [ nulls [ not ] distinct ] [ with ( OPTION { , OPTION } ) ] [ where EXPR ]
 | alter table [ if exists ] [ only ] TARGET CHANGE { , CHANGE }
 | alter view|index|sequence [ if exists ] TARGET rename to NAME | alter materialized view [ if exists ] TARGET
   rename to NAME
 | alter view [ if exists ] TARGET rename [ column ] NAME to NAME
 | alter view|sequence [ if exists ] TARGET set schema NAME | alter materialized view [ if exists ] TARGET set
   schema NAME
 | alter sequence [ if exists ] TARGET SEQUENCE { SEQUENCE }
 | alter schema NAME rename to NAME
 | create type PATH as enum ( [ STRING { , STRING } ] ) | drop type [ if exists ] PATH { , PATH } [ cascade|restrict ]
 | alter type PATH add value [ if not exists ] STRING [ before|after STRING ]
 | alter type PATH rename value STRING to STRING | alter type PATH rename to NAME
 | comment on column PATH is TEXT | comment on table|view|index|sequence PATH is TEXT | comment on schema NAME is TEXT
 | comment on materialized view PATH is TEXT | comment on constraint NAME on PATH is TEXT
TEXT := STRING | null
METHOD := btree|hash|gin|gist|spgist|brin|hnsw|ivfflat
AFTERTABLE := inherits ( SOURCE { , SOURCE } ) | with ( OPTION { , OPTION } ) | on commit drop | on commit
   delete|preserve rows
 | partition by range|list|hash ( INDEXED { , INDEXED } )
OPTION := PROPERTY = VALUE
BOUND := default | for values in ( EXPR { , EXPR } ) | for values from ( EXPR { , EXPR } ) to ( EXPR { , EXPR } )
 | for values with ( modulus NUMBER , remainder NUMBER )
INDEXED := ELEMENT [ collate PATH ] [ OPCLASS ] [ asc|desc ] [ nulls first|last ]
ELEMENT := ( EXPR ) | CALL | NAME
NAMES := NAME { , NAME }
ITEM := KEYITEM | like SOURCE { including|excluding LIKED } | COLUMN
LIKED := all|defaults|constraints|indexes|identity|generated|comments|statistics|storage|compression
KEYITEM := [ constraint NAME ] KEY { STATE }
KEY := primary key|unique using index NAME | primary key ( NAMES ) [ include ( NAMES ) ] | unique using index NAME
 | unique [ nulls [ not ] distinct ] ( NAMES ) [ include ( NAMES ) ] | foreign key ( NAMES ) REFERENCE | check (
   EXPR )
 | exclude [ using METHOD ] ( EXCLUDED { , EXCLUDED } ) [ where ( EXPR ) ]
EXCLUDED := INDEXED with OPERATOR
STATE := deferrable | not deferrable|valid | initially deferred|immediate | no inherit
REFERENCE := references SOURCE [ ( NAMES ) ] [ match simple|full ] { ONACTION }
ONACTION := on delete|update cascade|restrict | on delete|update no action | on delete|update set null|default
COLUMN := NAME TYPE { ATTRIBUTE }
TYPE := TYPENAME [ varying|precision ] [ ( SIZE { , SIZE } ) ] [ with|without time zone ] { BRACKETS }
SIZE := NUMBER | NAME
ATTRIBUTE := not null | null | [ constraint NAME ] ATTRIBUTED { STATE }
ATTRIBUTED := default VALUE { CAST } | primary key | unique [ nulls [ not ] distinct ] | check ( EXPR ) | not null |
   REFERENCE
 | generated always as identity [ ( SEQUENCE { SEQUENCE } ) ] | generated by default as identity [ ( SEQUENCE {
   SEQUENCE } ) ]
 | generated always as ( EXPR ) stored|virtual | collate PATH
VALUE := null|true|false|current_timestamp|current_date|current_time|current_user | [ -|+ ] NUMBER | STRING | ( EXPR
   ) | CALL
 | array BRACKETS | TYPENAME STRING
CAST := : : TYPE
SEQUENCE := start [ with ] NUMBER | increment [ by ] [ - ] NUMBER | minvalue|maxvalue|cache [ - ] NUMBER
 | no minvalue|maxvalue|cycle | cycle | restart [ [ with ] NUMBER ] | owned by PATH | as TYPENAME
CHANGE := add KEYITEM | add [ column ] [ if not exists ] COLUMN | validate constraint NAME
 | drop constraint [ if exists ] NAME [ cascade|restrict ] | drop [ column ] [ if exists ] NAME [ cascade|restrict ]
 | alter constraint NAME { STATE } | alter [ column ] NAME MODIFIED
 | rename constraint NAME to NAME | rename to NAME | rename [ column ] NAME to NAME | set schema NAME | set
   logged|unlogged
 | attach partition SOURCE BOUND | detach partition SOURCE [ concurrently|finalize ]
MODIFIED := set not null | drop not null | set default EXPR | drop default | [ set data ] type TYPE [ collate PATH ]
   [ using EXPR ]
 | add generated always as identity [ ( SEQUENCE { SEQUENCE } ) ] | add generated by default as identity [ (
   SEQUENCE { SEQUENCE } ) ]
 | set generated always | set generated by default | drop identity [ if exists ] | set statistics [ - ] NUMBER
 | drop expression [ if exists ] | set storage plain|external|extended|main
"""

_DUCKDB = """
START := create [ or replace ] [ temp|temporary ] type [ if not exists ] PATH as enum ( STRING { , STRING } )
 | drop type [ if exists ] PATH [ cascade|restrict ]
"""

GRAMMARS: Mapping[str, str] = {
    "mysql": _MYSQL,
    "tsql": _TSQL,
    "snowflake": _SNOWFLAKE,
    "bigquery": _BIGQUERY,
    "postgres": _POSTGRES,
    "duckdb": _DUCKDB,
}

NO_NAMES: Mapping[str, frozenset[str]] = {
    "mysql": frozenset("key index using fulltext spatial column partition unique".split()),
    "tsql": frozenset("key index column unique clustered nonclustered with identity".split()),
    "snowflake": frozenset("column unique".split()),
    "postgres": frozenset("column unique using only primary foreign".split()),
}
"""Reserved words of a dialect that its definitions begin a clause with."""

COLUMN_TYPES: Mapping[str, frozenset[str]] = {
    "tsql": frozenset({"uniqueidentifier", "rowversion", "hierarchyid", "sysname", "ntext", "image"}),
    "bigquery": frozenset({"float64", "bigint", "byteint"}),
    "mysql": frozenset("""
tinyblob mediumblob longblob serial national linestring multipoint multipolygon point polygon geometrycollection
multilinestring inet4 inet6
""".split()),
    "postgres": frozenset({"character", "dec"}),
    "snowflake": frozenset({"array", "byteint", "timestamp_ntz", "timestamp_ltz", "timestamp_tz", "float4", "float8"}),
}  # fmt: skip
"""Types of a column besides those that expressions know."""
