"""Photos from phones: what they are by their own bytes, not by what the sender calls them. Pure."""

from command_center.errors import BadInput, TooLarge

PHOTO_LIMIT_BYTES = 8 * 1024 * 1024
SUFFIX_OF_MIME = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


def mime_of(content: bytes) -> str | None:
    """`image/jpeg`, `image/png` or `image/webp` by the magic bytes, None for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def check_photo(content: bytes) -> str:
    """Return the type of a photo that may be stored.

    Raises:
        TooLarge: more than 8 MB.
        BadInput: neither JPEG nor PNG nor WebP.
    """
    if len(content) > PHOTO_LIMIT_BYTES:
        raise TooLarge("photo_too_large", limit_mb=PHOTO_LIMIT_BYTES // (1024 * 1024))
    mime = mime_of(content)
    if mime is None:
        raise BadInput("photo_type")
    return mime
