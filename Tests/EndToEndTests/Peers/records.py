"""Records of an event log as TensorBoard reads them, written with nothing but Python."""
import struct


def masked_checksum(data, table=[]):
    """CRC-32C as TensorBoard's records carry it."""
    if not table:
        for byte in range(256):
            for _ in range(8):
                byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
            table.append(byte)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def scalar_record(tag, step, value, wall_time):
    def varint(number):
        text = b""
        while number > 127:
            text, number = text + bytes([number & 127 | 128]), number >> 7
        return text + bytes([number])
    entry = b"\x0a" + varint(len(tag)) + tag + b"\x15" + struct.pack("<f", value)
    summary = b"\x0a" + varint(len(entry)) + entry
    data = b"\x09" + struct.pack("<d", wall_time) + b"\x10" + varint(step) + b"\x2a" + varint(len(summary)) + summary
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_checksum(length)) + data + struct.pack("<I", masked_checksum(data))
