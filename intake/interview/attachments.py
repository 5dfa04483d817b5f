"""Files beside an interview: those a person hands in, piece by piece, and those of the form that the screen shows.

What a file is, its first bytes say; its name only helps people. Bytes on their way lie in memory, then in the store: no
file of ours ever holds them in clear.

    {type: "chunk", upload, key, at, size, name, buffers: [piece]}  ->  {type: "chunk", upload, received} or {…, text}
    {type: "op", op: "attach", key, value: {upload}}                     puts what arrived into the answer
    {type: "file", key | name}  ->  {type: "file", key | name, mime, size, buffers: [bytes]} or {…, missing: true}
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from intake.media import FOLDER, shown_as
from intake.store import Attachment
from validation.errors import AnswerError, LotsenbuchError, StoreError

if TYPE_CHECKING:
    from intake.interview.description import Json
    from intake.interview.session import Session
    from intake.store import Attachments

LIMIT = 10_000_000  # bytes of one file where no study says otherwise
NAME_LENGTH = 100  # characters
UNDER_WAY = 4  # files on their way at once; more than one person can choose

_UNKNOWN = "application/octet-stream"
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
)
_ALSO_SOUND = frozenset({"video/mp4", "video/webm"})  # what a telephone records without a picture looks the same
_ALSO_PICTURE = frozenset({"audio/ogg"})
_ENDINGS = {
    "image/png": (".png",), "image/jpeg": (".jpg", ".jpeg"), "image/gif": (".gif",), "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"), "image/tiff": (".tif", ".tiff"), "audio/wav": (".wav",),
    "audio/mpeg": (".mp3",), "audio/ogg": (".ogg", ".oga", ".ogv", ".opus"), "audio/flac": (".flac",),
    "audio/amr": (".amr",), "audio/mp4": (".m4a",), "video/mp4": (".mp4", ".m4v", ".m4a", ".mov", ".3gp"),
    "video/webm": (".webm", ".weba", ".mkv"),
}  # fmt: skip


def kind_of(content: bytes) -> str:
    """The media type that the first bytes of a file say, 'application/octet-stream' for any other."""
    for at, mark, mime in _SIGNATURES:
        if content[at : at + len(mark)] == mark:
            return mime
    return "audio/mpeg" if content[:1] == b"\xff" and content[1:2] in (b"\xfb", b"\xf3", b"\xf2") else _UNKNOWN


def fits(mime: str, wanted: str) -> bool:
    """Whether a file of this kind answers a question that wants 'image/*', 'audio/*', 'video/*' or anything else."""
    family = wanted.partition("/")[0]
    if family not in ("image", "audio", "video"):
        return True
    also = (family == "audio" and mime in _ALSO_SOUND) or (family == "video" and mime in _ALSO_PICTURE)
    return mime.startswith(f"{family}/") or also


def clean_name(name: str, mime: str = _UNKNOWN) -> str:
    """A file's name as it is kept: never a path, NFC, at most 100 characters, with an ending that fits its bytes."""
    last = unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1])
    kept = "".join(" " if letter in '<>:"|?*' else letter for letter in last if unicodedata.category(letter)[0] != "C")
    stem, ending = _parted(re.sub(r"\s+", " ", kept).strip(" ."))
    endings = _ENDINGS.get(mime)
    if endings and ending.lower() not in endings:
        ending = endings[0]
    return f"{(stem or 'datei')[: NAME_LENGTH - len(ending)].rstrip()}{ending}"


def _parted(name: str) -> tuple[str, str]:
    """Stem and ending; what is too long to be an ending belongs to the stem."""
    path = PurePosixPath(name)
    ending = path.suffix
    return (path.stem, ending) if 1 < len(ending) <= 11 and path.stem else (name, "")


@dataclass(slots=True)
class _UnderWay:
    """A file of which pieces arrived."""

    key: str
    name: str
    size: int
    content: bytearray = field(default_factory=bytearray)


class Uploads:
    """The files of one interview. `kept` is where they lie, None without a study: then they live in this process.

    `limit` is in bytes a file; `form_file` gives a file of the form by the name under which it was frozen.
    """

    def __init__(
        self,
        kept: Attachments | None = None,
        *,
        limit: int = LIMIT,
        form_file: Callable[[str], bytes | None] | None = None,
    ) -> None:
        self.limit = limit
        self._kept = kept
        self._form_file = form_file
        self._under_way: dict[str, _UnderWay] = {}
        self._own: dict[str, bytes] = {}

    def piece(self, message: Mapping[str, Any], wanted: str) -> int:
        """Take a piece and say how many bytes of its file are here; a piece that came before changes nothing.

        AnswerError for what is too large, empty or not of the `wanted` kind, told with the first piece.
        """
        upload, key, at, size, name, piece = _read(message)
        if size > self.limit:
            limit, given = f"{self.limit / 1e6:g}", f"{size / 1e6:.1f}"
            raise AnswerError("interview.upload_too_large", limit=limit, size=given)
        if at == 0 and upload not in self._under_way:
            self._begin(upload, key, name, size, piece, wanted)
        try:
            file = self._under_way[upload]
        except KeyError:
            raise AnswerError("interview.upload_gone") from None
        if (file.key, file.size) != (key, size) or at + len(piece) > size:
            raise AnswerError("interview.unreadable")
        if at == len(file.content):
            file.content += piece
        return len(file.content)

    def _begin(self, upload: str, key: str, name: str, size: int, piece: bytes, wanted: str) -> None:
        if not size:
            raise AnswerError("interview.upload_empty")
        if not fits(kind_of(piece), wanted):
            raise AnswerError(f"interview.upload_not_{wanted.partition('/')[0]}")
        others = [each for each, file in self._under_way.items() if file.key == key]
        for gone in others or list(self._under_way)[: max(0, len(self._under_way) - UNDER_WAY + 1)]:
            del self._under_way[gone]
        self._under_way[upload] = _UnderWay(key, name, size)

    def keep(self, draft_id: str, key: str, value: object) -> Attachment:
        """Keep a file that has arrived whole, under a name that no other file of the interview has.

        AnswerError 'interview.upload_gone' when it is not here, because the program was started anew meanwhile.
        StoreError leaves it here, so that the same can be tried again.
        """
        upload = value.get("upload") if isinstance(value, Mapping) else None
        file = self._under_way.get(str(upload))
        if file is None or file.key != key or len(file.content) != file.size:
            raise AnswerError("interview.upload_gone")
        content = bytes(file.content)
        name = self._free(draft_id, clean_name(file.name, kind_of(content)), content)
        if self._kept is None:
            self._own[name] = content
            made = Attachment(name, hashlib.sha256(content).hexdigest(), len(content))
        else:
            made = self._kept.put(draft_id, name, content)
        del self._under_way[str(upload)]
        return made

    def _free(self, draft_id: str, name: str, content: bytes) -> str:
        taken = {each.name for each in self._kept.listed(draft_id)} if self._kept else set(self._own)
        stem, ending = _parted(name)
        wanted, number = name, 1
        while wanted in taken and self.content(draft_id, wanted) != content:
            number += 1
            extra = f"-{number}{ending}"
            wanted = f"{stem[: NAME_LENGTH - len(extra)]}{extra}"
        return wanted

    def content(self, draft_id: str, name: str) -> bytes | None:
        """A file that was handed in, by the name the record has; None when there is none."""
        if self._kept is None:
            return self._own.get(name)
        try:
            return self._kept.content(draft_id, name)
        except StoreError as error:
            if error.code == "store.no_attachment":
                return None
            raise

    def of_form(self, name: str) -> bytes | None:
        """A file of the form that can be shown; None for any other."""
        return self._form_file(FOLDER + name) if self._form_file is not None and shown_as(name) else None


def answer_bytes(session: Session, message: Mapping[str, Any]) -> Json:
    """The answer to a message about bytes; what is wrong with a file is its text, in the languages on screen."""
    view, key = message.get("view"), message.get("key")
    if message.get("type") == "chunk":
        answer: Json = {"type": "chunk", "view": view, "upload": message.get("upload")}
        try:
            element = session.question(str(key))[0]
            if element.control != "upload":
                raise AnswerError("interview.unreadable")
            wanted = element.attributes.get("mediatype", "")
            return answer | {"received": session.uploads.piece(message, wanted)}
        except LotsenbuchError as error:
            return answer | {"text": session.say(error)}
    name = message.get("name")
    answer = {"type": "file", "view": view, "key": key, "name": name}
    try:
        found, mime = _handed_in(session, str(key)) if key is not None else _of_form(session, str(name))
    except AnswerError:
        found, mime = None, _UNKNOWN
    if found is None:
        return answer | {"missing": True}
    return answer | {"mime": mime, "size": len(found), "buffers": [found]}


def _handed_in(session: Session, key: str) -> tuple[bytes | None, str]:
    name = session.instance.value(session.question(key)[1])
    found = session.uploads.content(session.draft.id if session.draft else "", name) if name else None
    return found, kind_of(found or b"")


def _of_form(session: Session, name: str) -> tuple[bytes | None, str]:
    return session.uploads.of_form(name), shown_as(name)


def _read(message: Mapping[str, Any]) -> tuple[str, str, int, int, str, bytes]:
    """What a piece says of itself. AnswerError when it says nonsense."""
    buffers = message.get("buffers") or [b""]
    read = tuple(message.get(name) for name in ("upload", "key", "at", "size", "name"))
    upload, key, at, size, name = read
    texts = all(isinstance(each, str) for each in (upload, key, name))
    if not texts or type(at) is not int or type(size) is not int or at < 0 or size < 0:
        raise AnswerError("interview.unreadable")
    return str(upload), str(key), at, size, str(name), bytes(buffers[0])
