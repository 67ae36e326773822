// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/ring_reader.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace capmon {
namespace {

size_t PageSize() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

template <typename Word>
Word Load(const void* address) {
  return __atomic_load_n(static_cast<const Word*>(address), __ATOMIC_ACQUIRE);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RingReader>> RingReader::Open(int fd, size_t size) {
  void* const consumer = mmap(nullptr, PageSize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (consumer == MAP_FAILED) return absl::ErrnoToStatus(errno, "map the ring buffer");
  const void* const producer =
      mmap(nullptr, PageSize() + size, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(PageSize()));
  if (producer == MAP_FAILED) {
    const int error = errno;
    munmap(consumer, PageSize());
    return absl::ErrnoToStatus(error, "map the ring buffer's data");
  }
  return std::unique_ptr<RingReader>(new RingReader(consumer, producer, size));
}

RingReader::~RingReader() {
  munmap(consumer_, PageSize());
  munmap(const_cast<void*>(producer_), PageSize() + size_);
}

uint64_t RingReader::end() const { return Load<uint64_t>(producer_); }
uint64_t RingReader::released() const { return Load<uint64_t>(consumer_); }

void RingReader::Release(uint64_t position) {
  __atomic_store_n(static_cast<uint64_t*>(consumer_), position, __ATOMIC_RELEASE);
}

const char* RingReader::DataAt(uint64_t position) const {
  return static_cast<const char*>(producer_) + PageSize() + (position & (size_ - 1));
}

// Whole: a record that reaches over the end of the ring is copied.
const char* RingReader::Record(uint64_t position, size_t size, std::vector<char>& copy) const {
  const size_t to_end = size_ - (position & (size_ - 1));
  if (size <= to_end) return DataAt(position);
  copy.resize(size);
  std::memcpy(copy.data(), DataAt(position), to_end);
  std::memcpy(copy.data() + to_end, DataAt(0), size - to_end);
  return copy.data();
}

uint64_t RingReader::Read(uint64_t position, const Visitor& visit) const {
  std::vector<char> copy;
  const uint64_t limit = end();
  while (position < limit) {
    const uint32_t length = Load<uint32_t>(DataAt(position));
    if (length & BPF_RINGBUF_BUSY_BIT) break;  // still being written
    const uint32_t size = length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
    if (!(length & BPF_RINGBUF_DISCARD_BIT))
      visit(Record(position + BPF_RINGBUF_HDR_SZ, size, copy), size);
    position += (size + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
  }
  return position;
}

}  // namespace capmon
