"""Which drives keep a log, which are the network's, and which folders are copied about."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from intake.store.drive import CLOUD, LOCAL, Drive, drive_of, network_type

MOUNTS = r"""/dev/vda / ext4 rw,relatime 0 0
tmpfs /run/user/1000 tmpfs rw 0 0
//server/profile$ /home/ana cifs rw,vers=3.1.1 0 0
server:/daten /daten nfs4 rw 0 0
ana@server: /home/ana/Amt\040Calw fuse.sshfs rw 0 0
/dev/sdb1 /home/ana/stick vfat rw 0 0
//other/share /mnt/share smb3 rw 0 0
/dev/vda /mnt/share ext4 rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("/home/bob/studie/store.db", ""),
        ("/home/ana/studie/store.db", "cifs"),
        ("/home/anabel/store.db", ""),
        ("/daten/studie/store.db", "nfs4"),
        ("/home/ana/Amt Calw/store.db", "fuse.sshfs"),
        ("/home/ana/stick/store.db", ""),
        ("/mnt/share/store.db", ""),  # mounted over: what is seen is local
    ],
)
def test_the_nearest_mount_says_whether_it_is_the_networks(place: str, name: str) -> None:
    assert network_type(MOUNTS, Path(place)) == name


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_here_it_is_local(tmp_path: Path) -> None:
    assert drive_of(tmp_path / "store.db", {}) == Drive(LOCAL)


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("OneDrive - Landratsamt Calw/Studie", "OneDrive"),
        ("onedrive", "OneDrive"),
        ("Dropbox/Studie", "Dropbox"),
        ("Dropbox (Landratsamt)/Studie", "Dropbox"),
        ("Nextcloud/a/b/c", "Nextcloud"),
        ("ownCloud", "ownCloud"),
        ("Google Drive/My Drive", "Google Drive"),
        ("Library/CloudStorage/Box-Box", "CloudStorage"),
        ("Library/Mobile Documents/com~apple~CloudDocs", "iCloud"),
        ("iCloudDrive", "iCloud"),
    ],
)
def test_a_folder_by_the_name_of_its_service(tmp_path: Path, folder: str, service: str) -> None:
    place = tmp_path / folder
    place.mkdir(parents=True)
    assert drive_of(place / "store.db", {}) == Drive(CLOUD, service)


@pytest.mark.parametrize("folder", ["Dropbox-Anleitung", "Wolke", "Meine Nextcloud Notizen", "drive", "OneDriver"])
def test_a_folder_that_is_only_called_alike(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    assert drive_of(tmp_path / folder / "store.db", {}).kind == LOCAL


@pytest.mark.parametrize(
    ("mark", "service"),
    [
        (".dropbox", "Dropbox"),
        (".sync_1a2b3c.db", "Nextcloud"),
        ("._sync_1a2b3c.db", "Nextcloud"),
        (".nextcloudsync.log", "Nextcloud"),
        (".owncloudsync.log", "ownCloud"),
        (".stfolder", "Syncthing"),
    ],
)
def test_a_folder_by_what_its_service_leaves_in_it(tmp_path: Path, mark: str, service: str) -> None:
    (tmp_path / "Wolke" / "Studie").mkdir(parents=True)
    (tmp_path / "Wolke" / mark).touch()
    assert drive_of(tmp_path / "Wolke" / "Studie" / "store.db", {}) == Drive(CLOUD, service)
    assert drive_of(tmp_path / "store.db", {}).kind == LOCAL


def test_a_folder_by_the_environment(tmp_path: Path) -> None:
    known = {"OneDriveCommercial": str(tmp_path / "Amt")}
    assert drive_of(tmp_path / "Amt" / "Studie" / "store.db", known) == Drive(CLOUD, "OneDrive")
    assert drive_of(tmp_path / "Amtsblatt" / "store.db", known).kind == LOCAL


def test_a_link_into_a_synchronised_folder_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "Nextcloud" / "Studie").mkdir(parents=True)
    (tmp_path / "studie").symlink_to(tmp_path / "Nextcloud" / "Studie")
    assert drive_of(tmp_path / "studie" / "store.db", {}) == Drive(CLOUD, "Nextcloud")
