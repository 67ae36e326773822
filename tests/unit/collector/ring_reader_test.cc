// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/ring_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

using testing::ElementsAre;

constexpr size_t kSize = 4096;

// A file laid out as the kernel maps a ring: a page of the reader's, a page of the writer's, the
// data.
class RingReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    file_.Reset(memfd_create("ring", MFD_CLOEXEC));
    ASSERT_EQ(ftruncate(file_.get(), static_cast<off_t>(2 * page_ + kSize)), 0);
    auto opened = RingReader::Open(file_.get(), kSize);
    ASSERT_TRUE(opened.ok()) << opened.status();
    ring_ = *std::move(opened);
  }

  void Write(const std::string& data, uint32_t flags = 0) {
    const uint32_t header[2] = {static_cast<uint32_t>(data.size()) | flags, 0};
    Put(end_, std::string(reinterpret_cast<const char*>(header), sizeof(header)));
    Put(end_ + sizeof(header), data);
    end_ += (sizeof(header) + data.size() + 7) / 8 * 8;
    ASSERT_EQ(pwrite(file_.get(), &end_, sizeof(end_), static_cast<off_t>(page_)), 8);
  }
  std::vector<std::string> Read() {
    std::vector<std::string> read;
    position_ = ring_->Read(position_, [&](const void* data, size_t size) {
      read.emplace_back(static_cast<const char*>(data), size);
    });
    return read;
  }

 private:
  // The kernel maps the data twice, one behind the other, so what it writes continues at the start.
  void Put(uint64_t position, const std::string& bytes) {
    for (size_t i = 0; i < bytes.size(); ++i)
      ASSERT_EQ(
          pwrite(file_.get(), &bytes[i], 1, static_cast<off_t>(2 * page_ + (position + i) % kSize)),
          1);
  }

  size_t page_ = 0;
  UniqueFd file_;
  std::unique_ptr<RingReader> ring_;
  uint64_t end_ = 0, position_ = 0;
};

TEST_F(RingReaderTest, ARecordOverTheEndOfTheRingIsWhole) {
  std::string data(1000, ' ');
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>('a' + i % 26);
  for (int i = 0; i < 20;
       ++i) {  // 20 times 1008 bytes: over the end at a different place each time
    Write(data);
    EXPECT_THAT(Read(), ElementsAre(data)) << i;
  }
}

TEST_F(RingReaderTest, ARecordInTheMakingEndsTheReading) {
  Write("first");
  Write("gone", BPF_RINGBUF_DISCARD_BIT);
  Write("second");
  Write("unfinished", BPF_RINGBUF_BUSY_BIT);
  Write("third");
  EXPECT_THAT(Read(), ElementsAre("first", "second"));
  EXPECT_THAT(Read(), ElementsAre());
}

}  // namespace
}  // namespace capmon
