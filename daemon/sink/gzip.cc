// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/gzip.h"

#include <zlib.h>

namespace capmon {

absl::StatusOr<std::string> Gzip(const std::string& text) {
  constexpr int kGzipFormat = 15 + 16;  // the largest window, in a gzip header
  constexpr int kMemoryLevel = 8;       // zlib's default
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipFormat, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    return absl::ResourceExhaustedError("compress a request: zlib cannot start");
  std::string compressed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  const int result = deflate(&stream, Z_FINISH);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return absl::InternalError("compress a request: zlib did not finish");
  return compressed;
}

}  // namespace capmon
