"""What a bomb does to the process that opens it: run in a child, with its limits and without."""


def eat(_data: bytes) -> bytes:
    """Take 300 MB."""
    return str(len(bytearray(300 * 2**20))).encode()


def spin(_data: bytes) -> bytes:
    """Never end."""
    while True:
        pass
