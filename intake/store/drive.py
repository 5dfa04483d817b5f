"""What kind of drive a store lies on: a local one, one of the network, or a folder that a cloud service copies about.

A local drive keeps a log. On a network drive (municipal profiles are redirected there by policy) the store is opened in
the safe mode. A synchronised folder copies files one by one and at any time: store, log and ways would part, and two
computers would each write their own; it is refused.

Sources: proc(5) and proc_pid_mountinfo(5), GetDriveTypeW, the services' own documentation of their folders.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LOCAL, NETWORK, CLOUD = "local", "network", "cloud"


@dataclass(frozen=True, slots=True)
class Drive:
    """`kind` is LOCAL, NETWORK or CLOUD; `name` is what a person knows it by: the file system's or the service's."""

    kind: str
    name: str = ""


_NETWORK_TYPES = frozenset((
    "cifs", "smb", "smb2", "smb3", "smbfs", "nfs", "nfs3", "nfs4", "afs", "afpfs", "ncpfs", "webdav", "davfs", "ceph",
    "glusterfs", "lustre", "gfs2", "ocfs2", "9p", "vboxsf", "vmhgfs", "prl_fs", "beegfs", "fuse.sshfs", "fuse.davfs",
    "fuse.davfs2", "fuse.rclone", "fuse.gvfsd-fuse", "fuse.smbnetfs", "fuse.glusterfs", "fuse.ceph",
    "fuse.vmhgfs-fuse", "fuse.prl_fsd",
))  # fmt: skip

# Names of folders as the services make them; a whole part of the path must fit.
_CLOUD_PARTS: tuple[tuple[str, str], ...] = (
    (r"onedrive( -.*|-.*)?", "OneDrive"),
    (r"dropbox( \(.*\))?", "Dropbox"),
    (r"nextcloud\d*", "Nextcloud"),
    (r"owncloud\d*", "ownCloud"),
    (r"google ?drive.*|googledrive-.*|drivefs|my drive|meine ablage", "Google Drive"),
    (r"icloud ?drive|com~apple~clouddocs|mobile documents", "iCloud"),
    (r"cloudstorage", "CloudStorage"),
    (r"magentacloud|hidrive|syncthing", "Cloud"),
)
_CLOUD_VARIABLES = {"OneDrive": "OneDrive", "OneDriveCommercial": "OneDrive", "OneDriveConsumer": "OneDrive"}
_CLOUD_MARKS: tuple[tuple[str, str], ...] = (
    (".dropbox", "Dropbox"),
    (".dropbox.cache", "Dropbox"),
    (".nextcloudsync.log", "Nextcloud"),
    (".owncloudsync.log", "ownCloud"),
    (".stfolder", "Syncthing"),
    (".tmp.drivedownload", "Google Drive"),
)
_CLOUD_PATTERNS = ((".sync_*.db", "Nextcloud"), ("._sync_*.db", "Nextcloud"))


def drive_of(path: Path, environment: Mapping[str, str] | None = None) -> Drive:
    """The drive on which `path` lies or would lie. LOCAL where nothing speaks against it."""
    known = os.environ if environment is None else environment
    place = path.absolute()
    for where in dict.fromkeys((place, _resolved(place))):
        if service := _cloud(where, known):
            return Drive(CLOUD, service)
    name = _network(_resolved(place))
    return Drive(NETWORK, name) if name else Drive(LOCAL)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except OSError:
        return path


def _cloud(path: Path, environment: Mapping[str, str]) -> str:
    """The service that copies this folder about, '' for none."""
    for variable, service in _CLOUD_VARIABLES.items():
        if (root := environment.get(variable)) and path.is_relative_to(Path(root).absolute()):
            return service
    for part in path.parent.parts:
        for pattern, service in _CLOUD_PARTS:
            if re.fullmatch(pattern, part, re.IGNORECASE):
                return service
    for folder in path.parents:
        for mark, service in _CLOUD_MARKS:
            if _is_there(folder / mark):
                return service
        for pattern, service in _CLOUD_PATTERNS:
            if _any(folder, pattern):
                return service
    return ""


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _any(folder: Path, pattern: str) -> bool:
    try:
        return any(True for _ in folder.glob(pattern))
    except OSError:
        return False


def _network(path: Path) -> str:
    """The name of the network's file system, '' for a local one."""
    if sys.platform == "win32":
        return _windows(path)
    if sys.platform == "darwin":
        return network_type(_mac_mounts(), path)
    try:
        return network_type(Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape"), path)
    except OSError:
        return ""


def network_type(mounts: str, path: Path) -> str:
    """The type of the file system on which `path` lies if it is one of the network, else ''.

    `mounts` has a line per mount: device, place, type. Of several on one place the last is the one that is seen.
    """
    found, depth = "", -1
    for line in mounts.splitlines():
        words = line.split(" ")
        if len(words) < 3:
            continue
        place = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), words[1]))
        if path.is_relative_to(place) and len(place.parts) >= depth:
            found, depth = words[2], len(place.parts)
    return found if found.lower() in _NETWORK_TYPES else ""


def _mac_mounts() -> str:
    """What `mount` says ("//ana@server/share on /Volumes/share (smbfs, nodev)") in the form of /proc/self/mounts."""
    told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False).stdout
    rows = (re.fullmatch(r"(.*?) on (.*) \((\w+).*\)", line) for line in told.splitlines())
    return "\n".join(f"- {row[2].replace(' ', chr(92) + '040')} {row[3]}" for row in rows if row)


def _windows(path: Path) -> str:
    """'UNC' for \\\\server\\share, 'network drive' for a letter that is mapped (GetDriveTypeW says 4), else ''."""
    if path.drive.startswith("\\\\"):
        return "UNC"
    if sys.platform == "win32":
        import ctypes

        if ctypes.windll.kernel32.GetDriveTypeW(f"{path.drive}\\") == 4:
            return "network drive"
    return ""
