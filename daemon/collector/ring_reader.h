// SPDX-License-Identifier: Apache-2.0
// Reads a BPF ring buffer without giving room back until told to. libbpf's own reader does so with
// every record; what was read, but not yet kept, would then be lost with this process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"

namespace capmon {

class RingReader {
 public:
  // `fd` of the map, which is a power of two and `size` bytes large; it must stay open.
  static absl::StatusOr<std::unique_ptr<RingReader>> Open(int fd, size_t size);
  RingReader(const RingReader&) = delete;
  ~RingReader();

  using Visitor = std::function<void(const void* data, size_t size)>;
  // Every finished record from `position` on; returns the position after the last one.
  uint64_t Read(uint64_t position, const Visitor& visit) const;
  // Where the kernel may write next, and what it must not overwrite yet.
  uint64_t end() const;
  uint64_t released() const;
  void Release(uint64_t position);

 private:
  RingReader(void* consumer, const void* producer, size_t size)
      : consumer_(consumer), producer_(producer), size_(size) {}

  const char* DataAt(uint64_t position) const;
  const char* Record(uint64_t position, size_t size, std::vector<char>& copy) const;

  void* consumer_;  // a page whose first word is the released position
  // A page whose first word is the end; then the data. Once, for the memory of both would count.
  const void* producer_;
  size_t size_;
};

}  // namespace capmon
