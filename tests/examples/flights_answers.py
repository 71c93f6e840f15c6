"""What is asked of the flights project, and the same in SQL written by hand over its tables."""

from __future__ import annotations

from loadline.values.request import Written

LOCAL_DAY = "time_hour::date"  # the connection's clock is New York's
YEAR = "time_hour >= '2013-01-01' and time_hour < '2014-01-01'"

ANSWERS: dict[str, tuple[Written, str]] = {
    "everything that was scheduled": (
        Written(metrics=("flights_scheduled",)),
        "select count(*) from flights",
    ),
    "flown, cancelled and diverted make up the whole": (
        Written(metrics=("flights_scheduled", "flights_flown", "cancelled_flights", "diverted_flights")),
        """select count(*), count(air_time), count(*) - count(dep_time),
                  count(*) filter (dep_time is not null and air_time is null) from flights""",
    ),
    "by origin": (
        Written(metrics=("flights_scheduled",), by=("origin.name",)),
        "select a.name, count(*) from flights f left join airports a on a.faa = f.origin group by 1",
    ),
    "destinations without an airport stay, in one nameless group": (
        Written(metrics=("flights_scheduled", "average_arrival_delay"), by=("destination.name",)),
        """select a.name, count(*), avg(arr_delay) from flights f left join airports a on a.faa = f.dest group by 1""",
    ),
    "only flights to a destination without an airport": (
        Written(metrics=("flights_scheduled",), by=("flights.dest",), where=("destination.faa is-null",)),
        "select dest, count(*) from flights f where dest not in (select faa from airports) group by 1",
    ),
    "origin and destination play two roles of one table": (
        Written(metrics=("flights_flown", "miles_flown"), by=("origin.faa", "destination.tzone")),
        """select o.faa, d.tzone, count(*) filter (air_time is not null), sum(distance) filter (air_time is not null)
           from flights f left join airports o on o.faa = f.origin left join airports d on d.faa = f.dest
           group by 1, 2""",
    ),
    "flights without a registered aircraft stay, too": (
        Written(metrics=("flights_scheduled", "cancelled_flights"), by=("planes.manufacturer",)),
        """select manufacturer, count(*), count(*) - count(dep_time) from flights left join planes using (tailnum)
           group by 1""",
    ),
    "a manufacturer that is not known is not another one": (
        Written(metrics=("flights_scheduled",), where=("planes.manufacturer != BOEING",)),
        "select count(*) from flights join planes using (tailnum) where manufacturer <> 'BOEING'",
    ),
    "a filter inside a metric reaches a joined table": (
        Written(metrics=("flights_on_large_aircraft", "flights_scheduled"), by=("airlines.airline",)),
        """select name, count(*) filter (seats >= 200), count(*) from flights
           left join airlines using (carrier) left join planes using (tailnum) group by 1""",
    ),
    "a declared field of a joined table": (
        Written(metrics=("flights_flown",), by=("planes.size",)),
        """select case when seats >= 200 then 'large' when seats >= 100 then 'medium' when seats < 100 then 'small' end,
                  count(air_time) from flights left join planes using (tailnum) group by 1""",
    ),
    "cancelled flights have no delay band": (
        Written(metrics=("flights_scheduled", "cancelled_flights"), by=("flights.delay_band",)),
        """select case when dep_delay <= 0 then 'on time' when dep_delay <= 15 then 'up to 15 min'
                       when dep_delay <= 60 then 'up to an hour' when dep_delay > 60 then 'over an hour' end,
                  count(*), count(*) - count(dep_time) from flights group by 1""",
    ),
    "cancellation rate by month": (
        Written(metrics=("cancellation_rate",), by=("time:month",)),
        """select make_date(year, month, 1), (count(*) - count(dep_time)) / count(*)::double from flights group by 1""",
    ),
    "the worst month, and no other": (
        Written(metrics=("cancellation_rate",), by=("time:month",), order=("-cancellation_rate",), limit=1),
        """select make_date(year, month, 1), (count(*) - count(dep_time)) / count(*)::double from flights
           group by 1 order by 2 desc limit 1""",
    ),
    "a rate is the ratio of sums and not the average of ratios": (
        Written(metrics=("on_time_rate",), by=("airlines.airline",), during="2013-Q1"),
        """select name, count(*) filter (arr_delay < 15) / count(*)::double from flights left join airlines
           using (carrier) where month <= 3 group by 1""",
    ),
    "average speed is miles over hours": (
        Written(metrics=("average_speed", "hours_flown"), by=("flights.is_long_haul",)),
        """select distance > 2000, sum(distance) filter (air_time is not null) / (sum(air_time) / 60.0),
                  sum(air_time) / 60.0 from flights group by 1""",
    ),
    "median, percentile and maximum": (
        Written(
            metrics=("median_departure_delay", "p95_departure_delay", "longest_departure_delay"),
            by=("flights.carrier",),
        ),
        """select carrier, median(dep_delay), quantile_cont(dep_delay, 0.95), max(dep_delay) from flights group by 1""",
    ),
    "average delays leave out what never left": (
        Written(metrics=("average_departure_delay", "average_arrival_delay"), by=("flights.origin",)),
        "select origin, sum(dep_delay) / count(dep_delay), sum(arr_delay) / count(arr_delay) from flights group by 1",
    ),
    "distinct counts do not add up": (
        Written(metrics=("destinations_served", "aircraft_seen"), by=("time:quarter",)),
        """select make_date(year, month - (month - 1) % 3, 1), count(distinct dest), count(distinct tailnum)
           from flights group by 1""",
    ),
    "a day is New York's day": (
        Written(metrics=("flights_scheduled",), by=("time:day",), during="2013-07-01..2013-07-04"),
        "select make_date(year, month, day), count(*) from flights where month = 7 and day <= 4 group by 1",
    ),
    "the last evening of the year belongs to it": (
        Written(metrics=("flights_scheduled",), by=("time:day",), during="2013-12-31"),
        "select make_date(year, month, day), count(*) from flights where month = 12 and day = 31 group by 1",
    ),
    "the day summer time began": (
        Written(metrics=("flights_scheduled", "weather_hours"), by=("time:day",), during="2013-03-10"),
        """select date '2013-03-10', (select count(*) from flights where month = 3 and day = 10),
                  (select count(*) from weather where month = 3 and day = 10)""",
    ),
    "the day summer time ended has one hour more": (
        Written(metrics=("weather_hours",), by=("weather.origin", "weather.time_hour:day"), during="2013-11-03"),
        """select origin, make_date(year, month, day), count(*) from weather where month = 11 and day = 3
           group by all""",
    ),
    "weeks begin on Sunday": (
        Written(metrics=("flights_scheduled",), by=("time:week",), during="2013-01"),
        """select make_date(year, month, day) - isodow(make_date(year, month, day))::int % 7, count(*) from flights
           where month = 1 group by 1""",
    ),
    "the federal fiscal year begins in October": (
        Written(metrics=("flights_scheduled",), by=("time:fiscal_year",)),
        """select case when month >= 10 then date '2013-10-01' else date '2012-10-01' end, count(*) from flights
           group by 1""",
    ),
    "the first federal fiscal quarter of 2014": (
        Written(metrics=("flights_scheduled", "rainfall"), during="Q1 FY14"),
        """select (select count(*) from flights where month >= 10),
                  (select sum(precip) from weather where month >= 10)""",
    ),
    "two facts meet by day, each counted once": (
        Written(metrics=("flights_scheduled", "cancelled_flights", "rainfall"), by=("time:day",), during="2013-02"),
        """with f as (select make_date(year, month, day) d, count(*) n, count(*) - count(dep_time) c from flights
                      where month = 2 group by 1),
                w as (select make_date(year, month, day) d, sum(precip) p from weather where month = 2 group by 1)
           select d, n, c, p from f full join w using (d)""",
    ),
    "two facts meet by airport and day; the last day has flights and no weather": (
        Written(
            metrics=("cancelled_flights", "wet_hours", "rainfall", "lowest_visibility"),
            by=("origin.name", "time:day"),
            during="2013-12-29..2013-12-31",
        ),
        f"""with f as (select origin, {LOCAL_DAY} d, count(*) - count(dep_time) c from flights group by 1, 2),
                 w as (select origin, {LOCAL_DAY} d, count(*) filter (precip > 0) h, sum(precip) p, min(visib) v
                       from weather group by 1, 2)
            select name, d, coalesce(c, 0), coalesce(h, 0), p, v from f full join w using (origin, d)
            join airports on faa = origin where d between '2013-12-29' and '2013-12-31'""",
    ),
    "one number from two facts": (
        Written(metrics=("cancellations_per_wet_hour",), by=("origin.faa",)),
        """select origin, c / h::double from
             (select origin, count(*) - count(dep_time) c from flights group by 1)
             join (select origin, count(*) filter (precip > 0) h from weather group by 1) using (origin)""",
    ),
    "weather alone": (
        Written(metrics=("weather_hours", "average_temperature", "strongest_gust"), by=("weather.origin",)),
        "select origin, count(*), avg(temp), max(wind_gust) from weather group by 1",
    ),
    "the registry counts each aircraft once": (
        Written(metrics=("registered_aircraft", "average_seats"), by=("planes.engine",)),
        "select engine, count(*), avg(seats) from planes group by 1",
    ),
    "several filters, text and numbers and codes": (
        Written(
            metrics=("flights_flown",),
            by=("flights.carrier",),
            where=("flights.dest in LAX, SFO", "flights.distance >= 2500", "airlines.airline contains Air"),
        ),
        """select carrier, count(air_time) from flights join airlines using (carrier)
           where dest in ('LAX', 'SFO') and distance >= 2500 and name like '%Air%' group by 1""",
    ),
    "filters between and starts-with": (
        Written(
            metrics=("flights_scheduled",),
            by=("flights.status",),
            where=("flights.hour between 6, 8", "flights.tailnum starts-with N1"),
        ),
        """select case when dep_time is null then 'cancelled' when air_time is null then 'diverted' else 'flown' end,
                  count(*) from flights where hour between 6 and 8 and tailnum like 'N1%' group by 1""",
    ),
    "groups left out by their own number": (
        Written(metrics=("flights_scheduled",), by=("flights.dest",), where=("flights_scheduled > 10000",)),
        "select dest, count(*) from flights group by 1 having count(*) > 10000",
    ),
    "an empty group of flights is 0 flights and no delay": (
        Written(metrics=("flights_scheduled", "average_departure_delay"), where=("flights.origin = XXX",)),
        "select count(*), avg(dep_delay) from flights where origin = 'XXX'",
    ),
    "the values of a dimension": (
        Written(by=("airlines.airline",)),
        "select distinct name from airlines",
    ),
}
