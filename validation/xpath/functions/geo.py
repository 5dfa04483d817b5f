"""Functions on places: points are 'latitude longitude [altitude accuracy]', shapes points with ';' between."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from validation.xpath.functions import Function
from validation.xpath.values import NAN, Refusal, Value, text_of, to_string

if TYPE_CHECKING:
    from validation.xpath.evaluator import Context

_EARTH_RADIUS = 6_378_100.0  # metres, as ODK counts

Point = tuple[float, float]


def _points(value: Value) -> list[Point] | None:
    """Latitude and longitude of each point; None where the text is no list of points. Node-sets give a point each."""
    texts = [text_of(node) for node in value] if isinstance(value, list) else [to_string(value)]
    points: list[Point] = []
    for written in (part.split() for text in texts for part in text.split(";") if part.strip()):
        try:
            numbers = [float(word) for word in written]
        except ValueError:
            return None
        if not 2 <= len(numbers) <= 4:
            return None
        latitude, longitude = numbers[:2]
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            return None
        points.append((latitude, longitude))
    return points


def _distance(_context: Context, *values: Value) -> float:
    """Length of the line through all points in metres, on a sphere."""
    points: list[Point] = []
    for value in values:
        found = _points(value)
        if not found:
            raise Refusal("no_points")
        points.extend(found)
    return _rounded(sum(_between(a, b) for a, b in zip(points, points[1:], strict=False)))


def _between(a: Point, b: Point) -> float:
    (first, west), (second, east) = a, b
    half = math.radians(second - first) / 2, math.radians(east - west) / 2
    slope = math.cos(math.radians(first)) * math.cos(math.radians(second))
    root = math.sin(half[0]) ** 2 + slope * math.sin(half[1]) ** 2
    return 2 * _EARTH_RADIUS * math.asin(min(1.0, math.sqrt(root)))


def _area(_context: Context, value: Value) -> float:
    """Area inside the points in square metres, on a sphere; 0 of fewer than three, NaN where it is no shape."""
    points = _points(value)
    if points is None:
        return NAN
    if len(points) < 3:
        return 0.0
    total = 0.0
    for (first, west), (second, east) in zip(points, points[1:] + points[:1], strict=True):
        total += math.radians(east - west) * (2 + math.sin(math.radians(first)) + math.sin(math.radians(second)))
    return _rounded(abs(total * _EARTH_RADIUS**2 / 2))


def _rounded(metres: float) -> float:
    return round(metres, 2)


def _geofence(_context: Context, point: Value, shape: Value) -> bool:
    """Whether a point lies in a closed shape; false where one of them is none."""
    points, corners = _points(point), _points(shape)
    if not points or not corners or len(corners) < 4 or corners[0] != corners[-1]:
        return False
    y, x = points[0]
    inside = False
    for (y1, x1), (y2, x2) in zip(corners, corners[1:], strict=False):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


FUNCTIONS = (
    Function("distance", 1, None, "number", "ODK fn:distance", _distance),
    Function("area", 1, 1, "number", "ODK fn:area", _area),
    Function("geofence", 2, 2, "boolean", "ODK fn:geofence", _geofence),
)
