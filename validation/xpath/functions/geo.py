"""Functions on places: points are 'latitude longitude [altitude accuracy]', shapes points with ';' between."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from validation.xpath.functions import Function
from validation.xpath.values import Refusal, Value, text_of, to_string

if TYPE_CHECKING:
    from validation.xpath.evaluator import Context

_EARTH_RADIUS = 6_378_100.0  # metres, as ODK counts

Point = tuple[float, float]


def _points(value: Value) -> list[Point]:
    """Latitude and longitude of each point; none where the text is no list of points. Node-sets give a point each."""
    texts = [text_of(node) for node in value] if isinstance(value, list) else [to_string(value)]
    points: list[Point] = []
    for written in (part.split() for text in texts for part in text.split(";") if part.strip()):
        try:
            numbers = [float(word) for word in written]
        except ValueError:
            return []
        if not 2 <= len(numbers) <= 4 or not all(math.isfinite(number) for number in numbers):
            return []
        points.append((numbers[0], numbers[1]))
    return points


def _distance(_context: Context, *values: Value) -> float:
    """Length of the line through all points in metres, on a sphere."""
    points: list[Point] = []
    for value in values:
        found = _points(value)
        if not found or not all(abs(latitude) <= 90 and abs(longitude) <= 180 for latitude, longitude in found):
            raise Refusal("no_points")
        points.extend(found)
    return _rounded(sum(_between(a, b) for a, b in itertools.pairwise(points)))


def _between(a: Point, b: Point) -> float:
    (first, west), (second, east) = a, b
    half = math.radians(second - first) / 2, math.radians(east - west) / 2
    slope = math.cos(math.radians(first)) * math.cos(math.radians(second))
    root = math.sin(half[0]) ** 2 + slope * math.sin(half[1]) ** 2
    return 2 * _EARTH_RADIUS * math.asin(min(1.0, math.sqrt(root)))


def _area(_context: Context, value: Value) -> float:
    """Area inside the points in square metres, on a sphere; 0 where there are not three points."""
    points = _points(value)
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
    if not points or len(corners) < 4 or corners[0] != corners[-1]:
        return False
    y, x = points[0]
    inside = False
    for (y1, x1), (y2, x2) in itertools.pairwise(corners):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


FUNCTIONS = (
    Function("distance", 1, None, "number", "ODK fn:distance", _distance),
    Function("area", 1, 1, "number", "ODK fn:area", _area),
    Function("geofence", 2, 2, "boolean", "ODK fn:geofence", _geofence),
)
