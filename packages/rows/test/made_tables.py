"""Tables with one column per type, made with the tools that people use, and what their values are."""

import datetime
import decimal
import json
import random
import uuid

import numpy as np
import pyarrow as pa

NANOSECONDS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


def some(values, every=7):
    """Every so many a null."""
    return [None if i % every == every - 1 else value for i, value in enumerate(values)]


def all_types(rows, only_arrow=False):
    """A column per type, each with nulls, extremes at the beginning; with those that only Arrow has, if asked."""
    n = range(rows)
    ints = {}
    for bits in (8, 16, 32, 64):
        for kind in ("int", "uint"):
            low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if kind == "int" else (0, 2**bits - 1)
            values = [low, high, *[(i * 37) % 127 for i in n][2:]][:rows]
            ints[f"{kind}{bits}"] = pa.array(some(values), getattr(pa, f"{kind}{bits}")())
    moments = [-1, 0, 1_700_000_000_123_456_789 % 2**40, *[i * 86_399_999_937 for i in n][3:]][:rows]
    text = [f"row {i} ä€😀"[: 4 + i % 9] for i in n]
    point = [{"x": i, "y": None if i % 5 == 0 else f"y{i}"} for i in n]
    columns = {
        "text": pa.array(text),
        **ints,
        "bool": pa.array(some([i % 3 == 0 for i in n]), pa.bool_()),
        "float16": pa.array(some([np.float16(i / 8) for i in n]), pa.float16()),
        "float32": pa.array(some([i / 3 for i in n]), pa.float32()),
        "float64": pa.array(some([i / 7 for i in n]), pa.float64()),
        "decimal64": pa.array(some([decimal.Decimal(i) / 100 for i in n]), pa.decimal128(9, 2)),
        "decimal128": pa.array(some([decimal.Decimal("-9999999999999999999999999999.999999")] * rows), pa.decimal128(38, 6)),
        "decimal256": pa.array(some([decimal.Decimal(10**60 + i) for i in n]), pa.decimal256(70, 3)),
        "date32": pa.array(some([-800_000, *[i * 300 for i in n][1:]][:rows]), pa.date32()),
        "date64": pa.array(some([i * 86_400_000 * 9 for i in n]), pa.date64()),
        "time32_s": pa.array(some([i * 29 % 86_400 for i in n]), pa.time32("s")),
        "time32_ms": pa.array(some([i * 86_399 % 86_400_000 for i in n]), pa.time32("ms")),
        "time64_us": pa.array(some([i * 86_399_999 % 86_400_000_000 for i in n]), pa.time64("us")),
        "time64_ns": pa.array(some([i * 86_399_999_999 % 86_400_000_000_000 for i in n]), pa.time64("ns")),
        **{f"ts_{unit}": pa.array(some(moments), pa.timestamp(unit)) for unit in ("ms", "us", "ns")},
        **{f"ts_{unit}_utc": pa.array(some(moments), pa.timestamp(unit, "UTC")) for unit in ("ms", "us", "ns")},
        "ts_us_berlin": pa.array(some(moments), pa.timestamp("us", "Europe/Berlin")),
        "duration": pa.array(some(moments), pa.duration("ns")),
        "binary": pa.array(some([bytes([i % 256, 255, 0, 128]) * (i % 4) for i in n]), pa.binary()),
        "fixed": pa.array(some([bytes([i % 256, 250, 1]) for i in n]), pa.binary(3)),
        "null": pa.nulls(rows),
        "category": pa.array(some([f"c{i % 5}" for i in n])).dictionary_encode(),
        "large_text": pa.array(some(text), pa.large_string()),
        "large_binary": pa.array(some([b"\xff" * (i % 3) for i in n]), pa.large_binary()),
        "list": pa.array(some([[None if j == 2 else i * j for j in range(i % 5)] for i in n]), pa.list_(pa.int64())),
        "vector": pa.array([[i / 4, i / 2, -1.5] for i in n], pa.list_(pa.float32())),
        "fixed_list": pa.array(some([[i, -i] for i in n]), pa.list_(pa.int16(), 2)),
        "large_list": pa.array(some([[f"{i}"] * (i % 3) for i in n]), pa.large_list(pa.string())),
        "lists": pa.array(some([[[i] * (j % 3) for j in range(i % 4)] + [None] for i in n]), pa.list_(pa.list_(pa.int32()))),
        "struct": pa.array(some(point), pa.struct([("x", pa.int32()), ("y", pa.string())])),
        "structs": pa.array(some([point[: i % 4] for i in n]), pa.list_(pa.struct([("x", pa.int32()), ("y", pa.string())]))),
        "deep": pa.array(
            some([{"a": {"b": [{"c": [b"\xfe", None]}] * (i % 3)}} for i in n]),
            pa.struct([("a", pa.struct([("b", pa.list_(pa.struct([("c", pa.list_(pa.binary()))])))]))]),
        ),
        "map": pa.array(some([[(f"k{j}", j if j else None) for j in range(i % 4)] for i in n]), pa.map_(pa.string(), pa.int64())),
        "map_of_ints": pa.array(some([[(10, "ten"), (2, "two"), (10, None)][: i % 4] for i in n]), pa.map_(pa.int32(), pa.string())),
    }
    if only_arrow:
        columns["ts_s"] = pa.array(some(moments), pa.timestamp("s"))
        columns["duration_s"] = pa.array(some(moments), pa.duration("s"))
        columns["interval"] = pa.array(some([(i, -i, 2**40 + i) for i in n]), pa.month_day_nano_interval())
        columns["text_view"] = pa.array(some([word * (1 + i % 5) for i, word in enumerate(text)]), pa.string_view())
        columns["binary_view"] = pa.array(some([b"\xfe" * (i % 30) for i in n]), pa.binary_view())
    return pa.table(columns)


def random_type(rng, depth):
    leaves = [pa.int8(), pa.uint64(), pa.float64(), pa.bool_(), pa.string(), pa.binary(), pa.binary(5), pa.decimal128(30, 4), pa.timestamp("ns")]
    kind = rng.randrange(4) if depth > 0 else 0
    if kind == 0:
        return rng.choice(leaves)
    if kind == 1:
        return pa.list_(pa.field("item", random_type(rng, depth - 1), nullable=rng.random() < 0.7))
    if kind == 2:
        return pa.struct(
            [pa.field(f"f{i}", random_type(rng, depth - 1), nullable=rng.random() < 0.7) for i in range(rng.randrange(1, 4))]
        )
    return pa.map_(pa.string(), random_type(rng, depth - 1))


def random_value(rng, type_, nullable=True):
    if nullable and rng.random() < 0.15:
        return None
    if pa.types.is_map(type_):
        return [(f"k{rng.randrange(9)}", random_value(rng, type_.item_type)) for _ in range(rng.randrange(4))]
    if pa.types.is_list(type_):
        field = type_.value_field
        return [random_value(rng, field.type, field.nullable) for _ in range(rng.choice([0, 1, 2, 9]))]
    if pa.types.is_struct(type_):
        return {field.name: random_value(rng, field.type, field.nullable) for field in type_}
    if type_ == pa.bool_():
        return rng.random() < 0.5
    if type_ == pa.string():
        return rng.choice(["", "a", "ü€", "x" * rng.randrange(60)])
    if type_ == pa.binary():
        return rng.randbytes(rng.randrange(20))
    if pa.types.is_fixed_size_binary(type_):
        return rng.randbytes(5)
    if type_ == pa.month_day_nano_interval():
        return each(array, lambda value: {"months": value[0], "days": value[1], "nanoseconds": integer(value[2])})
    if pa.types.is_decimal(type_):
        return decimal.Decimal(rng.randrange(-(10**29), 10**29)).scaleb(-4)
    if type_ == pa.float64():
        return rng.random()
    if type_ == pa.timestamp("ns"):
        return rng.randrange(-(2**62), 2**62)
    return rng.randrange(128)


def random_table(seed):
    rng = random.Random(seed)
    rows = rng.choice([1, 7, 40, 300])
    fields, arrays = [], []
    for i in range(rng.randrange(1, 5)):
        field = pa.field(f"c{i}", random_type(rng, 3), nullable=rng.random() < 0.7, metadata={"seed": str(seed)})
        fields.append(field)
        arrays.append(pa.array([random_value(rng, field.type, field.nullable) for _ in range(rows)], field.type))
    return rng, pa.table(arrays, schema=pa.schema(fields, metadata={"of": "random values"}))


def clock(count, digits):
    seconds, fraction = divmod(count, 10**digits)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{fraction:0{digits}}" if digits else text


def day(days):
    year, rest = str(np.datetime64(days, "D")).rsplit("-", 2)[0], str(np.datetime64(days, "D"))[-6:]
    return (f"{int(year):04}" if 0 <= int(year) <= 9999 else f"{int(year):+07}") + rest


def plain(array):
    """The values of an array as rows have them; bytes as hexadecimal digits, integers beyond 2^53 as text."""
    type_ = array.type
    if isinstance(array, pa.ChunkedArray):
        return [value for chunk in array.chunks for value in plain(chunk)]
    if isinstance(type_, pa.BaseExtensionType):
        if type_.extension_name == "arrow.uuid":
            return [None if value is None else str(uuid.UUID(bytes=value)) for value in array.storage.to_pylist()]
        return plain(array.storage)
    if pa.types.is_dictionary(type_):
        entries = plain(array.dictionary)
        return [None if i is None else entries[i] for i in array.indices.to_pylist()]
    if pa.types.is_map(type_) or pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        found = []
        for scalar in array:
            if not scalar.is_valid:
                found.append(None)
            elif pa.types.is_map(type_):
                keys, values = (plain(scalar.values.field(i)) for i in range(2))
                found.append([{"key": key, "value": value} for key, value in zip(keys, values)])
            else:
                found.append(plain(scalar.values))
        return found
    if pa.types.is_struct(type_):
        names = [field.name for field in type_]
        columns = [plain(array.field(i)) for i in range(len(names))]
        valid = array.is_valid().to_pylist()
        return [dict(zip(names, row)) if is_valid else None for is_valid, row in zip(valid, zip(*columns))]
    if pa.types.is_date32(type_):
        return each(array.cast(pa.int32()), day)
    if pa.types.is_date64(type_):
        return each(array.cast(pa.int64()), lambda ms: day(ms // 86_400_000))
    if pa.types.is_time(type_):
        storage = pa.int32() if pa.types.is_time32(type_) else pa.int64()
        return each(array.cast(storage), lambda count: clock(count, NANOSECONDS[type_.unit]))
    if pa.types.is_timestamp(type_):
        digits, zone = NANOSECONDS[type_.unit], "Z" if type_.tz else ""
        per_day = 86_400 * 10**digits
        return each(array.view(pa.int64()), lambda count: f"{day(count // per_day)}T{clock(count % per_day, digits)}{zone}")
    if pa.types.is_duration(type_):
        return each(array.view(pa.int64()), integer)
    if type_ == pa.month_day_nano_interval():
        return each(array, lambda value: {"months": value[0], "days": value[1], "nanoseconds": integer(value[2])})
    if pa.types.is_decimal(type_):
        return each(array, lambda value: format(value, "f"))
    if pa.types.is_integer(type_):
        return each(array, integer)
    if pa.types.is_floating(type_):
        return each(array, float)
    if pa.types.is_null(type_):
        return [None] * len(array)
    return each(array, lambda value: f"hex {value.hex()}" if isinstance(value, bytes) else value)


def each(array, convert):
    return [None if value is None else convert(value) for value in array.to_pylist()]


def integer(value):
    return value if abs(value) < 2**53 else f"integer {value}"


def write_values(table, path):
    """The values of the columns whose names are there once."""
    names = [name for name in table.column_names if table.column_names.count(name) == 1]
    with open(path, "w", encoding="utf-8") as file:
        json.dump({name: plain(table[name]) for name in names}, file, allow_nan=True)


def same(a, b):
    return a.equals(b) or (a.schema.equals(b.schema) and repr(a.to_pylist()) == repr(b.to_pylist()))
