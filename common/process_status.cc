// SPDX-License-Identifier: Apache-2.0
#include "common/process_status.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace capmon {
namespace {

using Fields = std::map<std::string_view, std::string_view>;

std::string_view Stripped(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const size_t first = std::min(text.find_first_not_of(kBlanks), text.size());
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

Fields FieldsOf(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const size_t colon = line.find(':');
    if (colon != line.npos) fields.emplace(line.substr(0, colon), Stripped(line.substr(colon + 1)));
  }
  return fields;
}

std::string_view FieldOf(const Fields& fields, std::string_view name) {
  const auto field = fields.find(name);
  return field == fields.end() ? std::string_view() : field->second;
}

// Reads fields and notes whether one of them could not be read.
class Reader {
 public:
  explicit Reader(const Fields& fields) : fields_(fields) {}

  void Read(std::string_view name, pid_t& pid) { pid = Number<pid_t>(FieldOf(fields_, name), 10); }
  void Read(std::string_view name, CapabilitySet& set) {
    set = CapabilitySet(Number<uint64_t>(FieldOf(fields_, name), 16));
  }
  // "real effective saved file-system"
  void Read(std::string_view name, uint32_t& real, uint32_t& effective) {
    const std::string_view ids = FieldOf(fields_, name);
    const size_t second = std::min(ids.find('\t'), ids.size() - 1) + 1;
    real = Number<uint32_t>(ids.substr(0, ids.find('\t')), 10);
    effective = Number<uint32_t>(ids.substr(second, ids.find('\t', second) - second), 10);
  }
  bool complete() const { return complete_; }

 private:
  template <typename T>
  T Number(std::string_view text, int base) {
    T number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    const bool read = error == std::errc() && end == text.data() + text.size();
    complete_ = complete_ && read;
    return read ? number : 0;
  }

  const Fields& fields_;
  bool complete_ = true;
};

}  // namespace

ProcessStatus ParseProcessStatus(std::string_view text) {
  const Fields fields = FieldsOf(text);
  ProcessStatus status;
  Reader needed(fields), optional(fields);
  needed.Read("Pid", status.pid);
  needed.Read("Uid", status.uid, status.euid);
  needed.Read("Gid", status.gid, status.egid);
  needed.Read("CapInh", status.inheritable);
  needed.Read("CapPrm", status.permitted);
  needed.Read("CapEff", status.effective);
  needed.Read("CapBnd", status.bounding);
  optional.Read("CapAmb", status.ambient);
  status.name = FieldOf(fields, "Name");
  status.no_new_privs = FieldOf(fields, "NoNewPrivs") == "1";
  const std::string_view seccomp = FieldOf(fields, "Seccomp");
  status.seccomp_mode = seccomp == "2" ? 2 : seccomp == "1" ? 1 : 0;
  status.complete = needed.complete();
  return status;
}

}  // namespace capmon
