"""The municipal plan as a report: fields, goals, measures, indicators with their light, and school entry."""
