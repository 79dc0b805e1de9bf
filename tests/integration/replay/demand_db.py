"""Reads the data directory of a run from outside: tables of demand.db, and the protobuf messages in them (messages/event.proto,
messages/record.proto), decoded from the wire format alone. Standard library only.
"""
import collections
import pathlib
import sqlite3


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7f) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """(number, value) of each field: an integer, or bytes. Fixed-width ones come as bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            if kind == 2:
                size, at = varint(data, at)
            else:
                size = {1: 8, 5: 4}[kind]
            if at + size > len(data):
                raise ValueError('a field reaches past the end of its message')
            value = data[at:at + size]
            at += size
        yield key >> 3, value


def packed(data):
    values, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        values.append(value)
    return values


def zigzag(value):
    return (value >> 1) ^ -(value & 1)


def event_batch(data):
    """{(resource, region, interval): count} of an EventBatch."""
    resources, regions, base, columns = [], [], 0, collections.defaultdict(list)
    for number, value in fields(data):
        if number == 4:
            resources.append(value.decode())
        elif number == 5:
            regions.append(value.decode())
        elif number == 6:
            base = zigzag(value)
        elif number in (7, 8, 9, 10):
            columns[number] += packed(value) if isinstance(value, bytes) else [value]
    if len({len(columns[n]) for n in (7, 8, 9, 10)}) != 1:
        raise ValueError('the columns of a batch differ in length')
    counts = collections.Counter()
    for resource, region, offset, count in zip(*(columns[n] for n in (7, 8, 9, 10))):
        counts[resources[resource], regions[region], base + offset] += count
    return counts


class DemandDb:
    def __init__(self, data_dir):
        self.db = sqlite3.connect(pathlib.Path(data_dir) / 'demand.db', isolation_level=None)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.db.close()

    def rollups(self):
        """The counts of all roll-ups; every one lies in its own interval."""
        total = collections.Counter()
        for interval, data in self.db.execute('SELECT interval, bytes FROM rollup'):
            counts = event_batch(data)
            if any(key[2] != interval for key in counts):
                raise ValueError(f'the roll-up of {interval} counts for another interval')
            total.update(counts)
        return total

    def record_counts(self):
        """The counts of all records that are still there (LogRecord.counts = 1, Counts.batch = 1)."""
        total = collections.Counter()
        for (data,) in self.db.execute('SELECT bytes FROM record ORDER BY key'):
            for number, record in fields(data):
                if number == 1:
                    for inner, batch in fields(record):
                        if inner == 1:
                            total.update(event_batch(batch))
        return total

    def snapshots(self):
        return self.db.execute('SELECT count(*) FROM snapshot').fetchone()[0]

    def first_positions(self):
        """By shard, the position of the oldest record."""
        return dict(self.db.execute('SELECT shard, min(position) FROM records GROUP BY shard'))

    def drop_snapshots(self):
        self.db.execute('DELETE FROM snapshot_chunk')
        self.db.execute('DELETE FROM snapshot')

    def drop_records(self):
        self.db.execute('DELETE FROM record')

    def whole(self):
        return self.db.execute('PRAGMA integrity_check').fetchone()[0] == 'ok'
