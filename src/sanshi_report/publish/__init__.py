"""The site: every release in one folder that opens from a disk, a phone or a web server."""

from sanshi_report.publish.site import Published, publish

__all__ = ["Published", "publish"]
