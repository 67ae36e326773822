#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Renews the pictures of the report in docs/, from the recordings below tests/replay/cases."""
import collections
import pathlib
import struct
import sys
import tempfile
import zlib

import recordings
from browser import Browser
from capmond import SOURCE, Capmond


def rows(png):
    """The rows of a picture as the browser writes it, 8 bits a channel, without filters; and its channels."""
    data, at = b'', 8
    while at < len(png):
        size, kind = struct.unpack('>I4s', png[at:at + 8])
        body = png[at + 8:at + 8 + size]
        if kind == b'IHDR':
            width, _, depth, colours = struct.unpack('>IIBB', body[:10])
            step = {2: 3, 6: 4}[colours]
            assert depth == 8
        data += body if kind == b'IDAT' else b''
        at += size + 12
    raw, line, above, found = zlib.decompress(data), width * step, bytes(width * step), []
    for begin in range(0, len(raw), line + 1):
        row = bytearray(raw[begin + 1:begin + 1 + line])
        for i in range(line if raw[begin] else 0):
            left, up = row[i - step] if i >= step else 0, above[i]
            corner = above[i - step] if i >= step else 0
            guess = left + up - corner
            near = min((left, up, corner), key=lambda value: abs(guess - value))
            row[i] = (row[i] + (0, left, up, (left + up) // 2, near)[raw[begin]]) & 255
        found.append(bytes(row))
        above = found[-1]
    return found, width, step


def small(path):
    """Rewrites the picture with its 256 most frequent colours."""
    found, width, step = rows(path.read_bytes())
    pixels = [[row[i:i + 3] for i in range(0, len(row), step)] for row in found]
    counted = collections.Counter(pixel for row in pixels for pixel in row)
    palette = [colour for colour, _ in counted.most_common(256)]
    places = {colour: min(range(len(palette)), key=lambda i, c=colour: sum(
        (a - b) ** 2 for a, b in zip(c, palette[i]))) for colour in counted}
    data = b''.join(b'\0' + bytes(places[pixel] for pixel in row) for row in pixels)
    chunks = ((b'IHDR', struct.pack('>IIBBBBB', width, len(found), 8, 3, 0, 0, 0)),
              (b'PLTE', b''.join(palette)), (b'IDAT', zlib.compress(data, 9)), (b'IEND', b''))
    path.write_bytes(b'\x89PNG\r\n\x1a\n' + b''.join(
        struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
        for kind, body in chunks))


def main():
    wide, phone = SOURCE / 'docs/report.png', SOURCE / 'docs/report-phone.png'
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        cases = sorted((SOURCE / 'tests/replay/cases').glob('*.events'))
        with Capmond(directory, recordings.merged(cases)) as daemon:
            page = directory / 'report.html'
            if (done := daemon.capmon('report', '--all', '-o', page)).returncode != 0:
                sys.exit(done.stderr)
        with Browser(directory) as browser:
            browser.open(page, height=1400)
            browser.screenshot(wide)
            browser.open(page, width=390, height=844, dark=True, phone=True)
            browser.screenshot(phone)
    small(wide)
    small(phone)


main()
