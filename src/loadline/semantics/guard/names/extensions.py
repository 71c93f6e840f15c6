"""Harmless functions of extensions that companies commonly have, gone through by hand from their manuals.

PostgreSQL: fuzzystrmatch, pg_trgm, unaccent, uuid-ossp, hstore, ltree, pgcrypto's hashes, pgvector, PostGIS,
TimescaleDB's buckets, H3. DuckDB: spatial. SQLite: what Django gives its connections. Left out: what sets a limit of
the session (set_limit), what runs a text (crosstab, connectby, xpath_table), what reads files (ST_Read), names so
plain that a company has its own (each, first).
"""

_SPATIAL = """
st_area st_asbinary st_asgeojson st_astext st_aswkb st_azimuth st_boundary st_buffer st_centroid st_closestpoint
st_collect
st_contains st_containsproperly st_convexhull st_coveredby st_covers st_crosses st_difference st_dimension st_disjoint
st_distance st_distance_sphere st_dwithin st_endpoint st_envelope st_equals st_extent st_exteriorring st_flipcoordinates
st_geometrytype st_geomfromgeojson st_geomfromtext st_geomfromwkb st_intersection st_intersects st_isclosed st_isempty
st_isring st_issimple st_isvalid st_length st_linemerge st_m st_makeenvelope st_makeline st_makepoint st_makepolygon
st_makevalid st_maxdistance st_multi st_ngeometries st_normalize st_npoints st_numgeometries st_numinteriorrings
st_numpoints st_overlaps st_perimeter st_point st_pointn st_pointonsurface st_polygon st_quadkey st_removerepeatedpoints
st_reverse st_simplify st_simplifypreservetopology st_startpoint st_touches st_transform st_union st_within st_x st_xmax
st_xmin st_y st_ymax st_ymin st_z st_zmax st_zmin
"""

POSTGRES = frozenset(
    (
        _SPATIAL
        + """
levenshtein levenshtein_less_equal soundex metaphone dmetaphone dmetaphone_alt daitch_mokotoff
similarity word_similarity strict_word_similarity show_trgm unaccent
uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_nil uuid_ns_dns uuid_ns_url
uuid_ns_oid
digest hmac crypt gen_salt gen_random_bytes
hstore akeys avals skeys svals hstore_to_json hstore_to_jsonb hstore_to_array hstore_to_matrix
nlevel subpath subltree lca text2ltree ltree2text
cosine_distance l2_distance l1_distance inner_product vector_dims vector_norm l2_normalize binary_quantize subvector
earth_distance ll_to_earth earth_box
st_setsrid st_srid st_asewkt st_asewkb st_askml st_asmvt st_asmvtgeom st_geogfromtext st_geogpoint st_geographyfromtext
st_geomfromewkt st_geomfromewkb st_pointfromtext st_dump st_dumppoints st_clusterdbscan st_clusterkmeans
st_distancesphere
st_distancespheroid st_expand st_force2d st_geohash st_hausdorffdistance st_hexagongrid st_squaregrid
st_interpolatepoint
st_isvalidreason st_length2d st_lengthspheroid st_lineinterpolatepoint st_linelocatepoint st_linesubstring
st_orderingequals
st_project st_relate st_rotate st_scale st_segmentize st_snap st_snaptogrid st_subdivide st_symdifference
st_tileenvelope
st_translate st_unaryunion st_voronoipolygons st_concavehull st_makebox2d st_generatepoints st_memunion st_dfullywithin
time_bucket time_bucket_gapfill locf interpolate approximate_row_count
st_addpoint st_setpoint st_removepoint st_polygonize st_geometryn st_linefromtext st_polygonfromtext st_mlinefromtext
st_mpolyfromtext st_mpointfromtext st_delaunaytriangles st_voronoilines st_minimumboundingcircle st_orientedenvelope
st_offsetcurve st_chaikinsmoothing st_simplifyvw st_geometricmedian st_perimeter2d st_3dlength st_3ddistance
st_3dintersects st_clusterwithin st_clusterintersecting st_longestline st_shortestline st_maximuminscribedcircle
st_frechetdistance st_iscollection st_ispolygonccw st_forcepolygonccw st_forcepolygoncw st_dumprings st_dumpsegments
st_nrings st_hasarc st_summary st_memsize st_asgml st_assvg st_astwkb st_aslatlontext st_asencodedpolyline
st_linefromencodedpolyline st_geomfromgeohash st_pointfromgeohash st_geomfromkml st_geomfromgml st_geomfromtwkb
st_collectionextract st_collectionhomogenize st_linetocurve st_curvetoline st_linecrossingdirection st_angle
st_coverageunion st_interiorringn st_polygonfromwkb st_pointfromwkb st_linefromwkb st_pointz st_pointm st_pointzm
st_zmflag st_force3d st_force4d st_forcecollection st_forcesfs st_shiftlongitude st_wrapx st_quantizecoordinates
st_swapordinates st_filterbym st_locatealong st_locatebetween st_addmeasure st_affine st_rotatex st_translatex
st_makepointm st_squaregrid st_hexagon st_square st_letters st_reduceprecision st_node st_split st_sharedpaths
st_triangulatepolygon st_simplifypolygonhull st_removesmallparts st_3dclosestpoint st_3dmaxdistance st_3ddwithin
geometrytype postgis_version postgis_lib_version
h3_lat_lng_to_cell h3_cell_to_lat_lng h3_cell_to_boundary h3_cell_to_parent h3_cell_to_children h3_grid_disk
h3_grid_distance h3_get_resolution h3_is_valid_cell h3_polygon_to_cells h3_latlng_to_cell h3_cell_to_latlng
"""
    ).split()
)

DUCKDB = frozenset(
    (
        _SPATIAL
        + """
st_point2d st_point3d st_dump st_concavehull st_hilbert st_distance_spheroid st_area_spheroid st_length_spheroid
st_perimeter_spheroid st_dwithin_spheroid st_union_agg st_intersection_agg st_envelope_agg st_extent_agg
st_collectionextract
st_linestring2dfromwkb st_shortestline st_tileenvelope st_reduceprecision st_rotate st_scale st_translate st_affine
st_hasm st_hasz st_zmflag st_force2d st_force3dz st_force3dm st_force4d st_ashexwkb st_assvg st_asmvtgeom
st_geomfromhexwkb st_geomfromhexewkb st_interiorrings st_lineinterpolatepoint st_linelocatepoint st_linesubstring
st_memunion_agg st_node st_polygonize st_snap st_subdivide st_voronoidiagram
"""
    ).split()
)

SQLITE = frozenset(
    """
django_date_extract django_date_trunc django_datetime_cast_date django_datetime_cast_time django_datetime_extract
django_datetime_trunc django_time_extract django_time_trunc django_time_diff django_timestamp_diff
django_format_dtdelta bitxor cot lpad rpad md5 sha1 sha224 sha256 sha384 sha512 reverse repeat stddev_pop
stddev_samp var_pop var_samp
""".split()
)
