// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/file_question.h"

#include <limits.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace capmon {
namespace {

constexpr size_t kMaxLines = 340;  // of a user map
static_assert(3 * PATH_MAX + 64 <= kMaxMessage);
static_assert(kMaxLines * sizeof(IdRange) + 64 <= kMaxMessage);
static_assert(std::is_trivially_copyable_v<IdRange>);

// One program writes and reads both, so the fields are as they are in memory.
struct QuestionHead {
  FileQuestion::Kind kind;
  uint32_t pid, exe, first_pid;
  uint32_t path_size, root_size, device, path_on_device_size;
  CgroupId cgroup;
  TimeNs time;
};

struct AnswerHead {
  uint64_t permitted;
  uint32_t known, effective, lines;
};

template <typename Head>
std::string BytesOf(const Head& head) {
  return {reinterpret_cast<const char*>(&head), sizeof(head)};
}

template <typename Head>
bool Take(const std::string& bytes, Head& head) {
  if (bytes.size() < sizeof(head)) return false;
  std::memcpy(&head, bytes.data(), sizeof(head));
  return true;
}

}  // namespace

std::string Encode(const FileQuestion& question) {
  const std::string path = question.path.substr(0, PATH_MAX);
  const std::string root = question.root.substr(0, PATH_MAX);
  const std::string on_device = question.path_on_device.substr(0, PATH_MAX);
  const QuestionHead head = {question.kind,
                             question.pid,
                             question.exe,
                             question.first_pid,
                             static_cast<uint32_t>(path.size()),
                             static_cast<uint32_t>(root.size()),
                             question.device,
                             static_cast<uint32_t>(on_device.size()),
                             question.cgroup,
                             question.time};
  return BytesOf(head) + path + root + on_device;
}

std::string Encode(const FileAnswer& answer) {
  const size_t lines = std::min(answer.ids.size(), kMaxLines);
  std::string bytes = BytesOf(AnswerHead{answer.permitted.bits(), answer.known, answer.effective,
                                         static_cast<uint32_t>(lines)});
  for (size_t i = 0; i < lines; ++i) bytes += BytesOf(answer.ids[i]);
  return bytes;
}

std::optional<FileQuestion> DecodeQuestion(const std::string& bytes) {
  QuestionHead head{};
  if (!Take(bytes, head)) return std::nullopt;
  const size_t root = sizeof(head) + head.path_size;
  const size_t on_device = root + head.root_size;
  if (bytes.size() != on_device + head.path_on_device_size) return std::nullopt;
  return FileQuestion{head.kind,
                      head.cgroup,
                      head.pid,
                      head.exe,
                      head.first_pid,
                      bytes.substr(sizeof(head), head.path_size),
                      bytes.substr(root, head.root_size),
                      head.device,
                      bytes.substr(on_device),
                      head.time};
}

std::optional<FileAnswer> DecodeAnswer(const std::string& bytes) {
  AnswerHead head{};
  if (!Take(bytes, head) || head.lines > kMaxLines) return std::nullopt;
  if (bytes.size() != sizeof(head) + head.lines * sizeof(IdRange)) return std::nullopt;
  FileAnswer answer{head.known != 0, CapabilitySet(head.permitted), head.effective != 0,
                    IdMap(head.lines)};
  std::memcpy(answer.ids.data(), bytes.data() + sizeof(head), head.lines * sizeof(IdRange));
  return answer;
}

}  // namespace capmon
