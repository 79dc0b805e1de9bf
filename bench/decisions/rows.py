"""The logs and settings whose decisions are held to a minimum, or to a bound. Data only.

MINIMA: rows of the target table (regret_field, regret_strict; None: not set). Every other row of EVERY has the bound
regret_strict <= 1.02. Keys are formed by --columns: a log `x_pool` leaves the resource out, so that all units of a region
are one. Times of the logs are taken as written.
"""

# name: (file, columns, rows taken: column=glob|glob… or None, finest interval in seconds)
LOGS = {
    'flights': ('us_flights_2001_origins_open.csv.gz', 'time=timestamp_local,resource=destination,region=origin', None, 300),
    'flights_pool': ('us_flights_2001_origins_open.csv.gz', 'time=timestamp_local,region=origin', None, 300),
    'w3c_join': ('irc_w3c_2012_2013.csv.gz', 'time=timestamp,resource=room,region=region,peer=peer', 'kind=j', 300),
    'w3c_join_pool': ('irc_w3c_2012_2013.csv.gz', 'time=timestamp,region=region,peer=peer', 'kind=j', 300),
    'w3c_msg': ('irc_w3c_2012_2013.csv.gz', 'time=timestamp,resource=room,region=region,peer=peer', 'kind=m|a', 300),
    'raku_join': ('irc_raku_2016_2017.csv.gz', 'time=timestamp,resource=room,peer=peer', 'kind=j', 300),
    'raku_msg': ('irc_raku_2016_2017.csv.gz', 'time=timestamp,resource=room,peer=peer', 'kind=m|a', 300),
    'ali': ('alibaba_genai_requests_2024.csv.gz', 'time=gmt_create,resource=checkpoint_model_version_id,peer=groupId', None, 300),
    'ali_pool': ('alibaba_genai_requests_2024.csv.gz', 'time=gmt_create,peer=groupId', None, 300),
    'wc': ('worldcup98_per_minute.csv.gz', 'time=timestamp_utc,count=requests', None, 300),
    'bank': ('bank_calls_5min.csv.gz', 'time=timestamp,count=calls', None, 300),
    'tweets': ('nab_5min.csv.gz', 'time=timestamp,resource=series,count=value', 'series=realTweets/*', 300),
    'nyc_taxi': ('nab_5min.csv.gz', 'time=timestamp,resource=series,count=value', 'series=*nyc_taxi', 1800),
    'elb': ('nab_5min.csv.gz', 'time=timestamp,resource=series,count=value', 'series=*elb_request*', 300),
    'calit2': ('calit2_building_inflow_30min.csv.gz', 'time=date,count=observed', None, 1800),
    'melbourne': ('melbourne_pedestrians_2016_hourly.csv.gz', 'time=date_local+hour,resource=sensor,count=count', None, 3600),
    'collegemsg': ('collegemsg.csv.gz', 'time=unix_time,resource=recipient', None, 300),
    'email': ('email_eu_dept1_dept4.csv.gz', 'time=seconds,resource=recipient,region=region', None, 300),
    'seattle': ('seattle_bike_counters_hourly.csv.gz', 'time=timestamp_local,resource=counter,count=count', 'field=*_total|_2nd_ave_cycletrack', 3600),
    'bikes': ('uci_bike_sharing_hourly.csv.gz', 'time=dteday+hr,count=casual,registered', None, 3600),
    'youtube': ('youtube_campus_2007-09-15_clean.csv.gz', 'time=unix_time,resource=video,region=net,peer=client', None, 300),
    'semicomplete': ('semicomplete_apache_2015-05.csv.gz', 'time=timestamp_utc,resource=path,peer=client_ip', None, 3600),
    'azure': ('azure_llm_code_2023.csv.gz', 'time=TIMESTAMP', None, 60),
}

# (log, seconds, lead, cost ratio, budget): (regret_field, regret_strict). Published targets; measured regrets of the
# table stand in docs/models.md.
MINIMA = {
    ('wc', 300, 1, '9:1', 'none'): (0.62, 0.62),
    ('wc', 300, 3, '9:1', 'none'): (0.62, 0.95),
    ('wc', 900, 1, '9:1', 'none'): (0.60, 0.99),
    ('wc', 3600, 1, '9:1', 'none'): (0.71, 0.83),
    ('bank', 300, 1, '9:1', 'none'): (0.65, 0.65),
    ('bank', 900, 1, '9:1', 'none'): (0.30, 0.34),
    ('tweets', 300, 1, '9:1', 'none'): (0.89, 0.95),
    ('ali', 300, 1, '9:1', 'none'): (0.89, 0.89),
    ('ali', 3600, 1, '9:1', 'none'): (0.65, 0.88),
    ('raku_join', 900, 1, '9:1', 'none'): (0.90, 0.90),
    ('raku_msg', 900, 1, '9:1', 'none'): (0.85, 0.85),
    ('w3c_join', 900, 1, '9:1', 'none'): (0.82, 0.86),
    ('flights', 900, 1, '9:1', 'none'): (0.57, 0.99),
    ('flights', 3600, 1, '9:1', 'none'): (0.45, 0.98),
    ('flights_pool', 900, 1, '9:1', 'none'): (0.41, 0.96),
    ('nyc_taxi', 1800, 1, '9:1', 'none'): (0.34, 0.46),
    ('melbourne', 3600, 1, '9:1', 'none'): (0.35, 0.52),
    ('calit2', 1800, 1, '9:1', 'none'): (0.60, 0.66),
    ('flights', 900, 1, '9:1', '1.0x'): (0.67, None),
    ('flights', 900, 1, '9:1', '0.5x'): (0.64, None),
    ('flights', 3600, 1, '9:1', '1.0x'): (0.59, None),
    ('flights', 3600, 1, '9:1', '0.5x'): (0.54, None),
    ('w3c_join', 900, 1, '9:1', '1.0x'): (0.82, None),
    ('w3c_join', 900, 1, '9:1', '0.5x'): (0.85, None),
    ('ali', 300, 1, '9:1', '1.0x'): (0.81, None),
    ('ali', 300, 1, '9:1', '0.5x'): (0.81, None),
    ('raku_join', 900, 1, '9:1', '1.0x'): (0.71, None),
    ('raku_join', 900, 1, '9:1', '0.5x'): (0.36, None),
    ('tweets', 300, 1, '9:1', '1.0x'): (0.78, None),
    ('wc', 300, 1, '4:1', 'none'): (0.75, 0.75),
    ('wc', 300, 1, '19:1', 'none'): (0.46, 0.96),
    ('bank', 300, 1, '4:1', 'none'): (0.81, 0.81),
    ('bank', 300, 1, '19:1', 'none'): (0.50, 0.62),
    ('tweets', 300, 1, '4:1', 'none'): (0.92, 0.97),
    ('tweets', 300, 1, '19:1', 'none'): (0.83, 0.95),
    ('ali', 300, 1, '4:1', 'none'): (0.87, 0.87),
    ('ali', 300, 1, '19:1', 'none'): (0.87, 0.87),
    ('raku_join', 300, 1, '4:1', 'none'): (0.96, 0.96),
    ('raku_join', 300, 1, '19:1', 'none'): (0.91, 0.91),
    ('raku_msg', 300, 1, '4:1', 'none'): (0.91, 0.91),
    ('raku_msg', 300, 1, '19:1', 'none'): (0.86, 0.86),
}

TOLERANCE = 0.02  # a minimum is missed beyond it
MOST_STRICT_LISTED = 1.0
MOST_STRICT = 1.02


def every():
    """Around each log's first interval: the other intervals, a lead of 3, two cost ratios and a budget, one at a time."""
    rows = []
    for name, (_, _, _, finest) in LOGS.items():
        steps = [s for s in (300, 900, 3600) if s >= finest] or [finest]
        if finest not in steps:
            steps.insert(0, finest)
        base = 900 if name.split('_')[0] in ('flights', 'w3c', 'raku') else 3600 if name in ('collegemsg', 'email') else finest
        for row in [(name, s, 1, '9:1', 'none') for s in steps] + [(name, base, 3, '9:1', 'none'), (name, base, 1, '4:1', 'none'),
                                                                   (name, base, 1, '19:1', 'none'), (name, base, 1, '9:1', '1.0x')]:
            if row not in MINIMA and row not in rows:
                rows.append(row)
    return rows
