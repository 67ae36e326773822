// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/event_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <concepts>
#include <map>
#include <type_traits>

namespace capmon {
namespace {

// ---- values ----

bool IsPlain(char c) {
  constexpr std::string_view kPunctuation = "_./-+@";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kPunctuation.find(c) != std::string_view::npos;
}

std::string Encode(std::string_view raw) {
  std::string text;
  for (char c : raw) {
    if (IsPlain(c))
      text += c;
    else
      text += fmt::format("%{:02x}", static_cast<unsigned char>(c));
  }
  return text;
}

// For complaints: whatever it is, one short line.
std::string Quotable(std::string_view raw) { return Encode(raw.substr(0, 40)); }

bool Decode(std::string_view text, std::string& raw) {
  raw.clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      raw += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 2 >= text.size()) return false;
    const char* end = text.data() + i + 3;
    const auto [parsed, error] = std::from_chars(text.data() + i + 1, end, byte, 16);
    if (error != std::errc() || parsed != end) return false;
    raw += static_cast<char>(byte);
    i += 2;
  }
  return true;
}

template <typename Function>
bool ForEachPart(std::string_view text, char separator, Function function) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (!function(text.substr(0, end))) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

std::string Write(const std::string& value) { return Encode(value); }
std::string Write(bool value) { return value ? "1" : "0"; }
std::string Write(CapabilitySet value) { return fmt::format("{:x}", value.bits()); }
template <std::integral T>
std::string Write(T value) {
  return std::to_string(value);
}
std::string Write(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + Encode(value);
  return text;
}
std::string Write(const std::map<std::string, std::string>& values) {
  std::string text;
  for (const auto& [key, value] : values)
    text += (text.empty() ? "" : ",") + Encode(key) + ":" + Encode(value);
  return text;
}
std::string Write(const IdMap& ids) {
  std::string text;
  for (const IdRange& range : ids)
    text += fmt::format("{}{}:{}:{}", text.empty() ? "" : ",", range.inside, range.outside,
                        range.count);
  return text;
}
constexpr std::array<std::string_view, 7> kOrigins = {"unknown",   "host",   "none",   "own",
                                                      "elsewhere", "memory", "outside"};
std::string Write(ExeOrigin value) { return std::string(kOrigins.at(static_cast<size_t>(value))); }

bool Read(std::string_view text, std::string& value) { return Decode(text, value); }
bool Read(std::string_view text, bool& value) {
  value = text == "1";
  return text == "0" || text == "1";
}
template <std::integral T>
bool Read(std::string_view text, T& value, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size();
}
bool Read(std::string_view text, CapabilitySet& value) {
  uint64_t bits = 0;
  const bool ok = Read(text, bits, 16);
  value = CapabilitySet(bits);
  return ok;
}
bool Read(std::string_view text, std::vector<std::string>& values) {
  return ForEachPart(text, ',',
                     [&](std::string_view part) { return Decode(part, values.emplace_back()); });
}
bool Read(std::string_view text, std::map<std::string, std::string>& values) {
  return ForEachPart(text, ',', [&](std::string_view part) {
    const size_t colon = part.find(':');
    std::string key;
    if (colon == std::string_view::npos || !Decode(part.substr(0, colon), key)) return false;
    return Decode(part.substr(colon + 1), values[key]);
  });
}
bool Read(std::string_view text, IdMap& ids) {
  return ForEachPart(text, ',', [&](std::string_view part) {
    std::vector<uint32_t> numbers;
    const bool fine = ForEachPart(part, ':', [&](std::string_view number) {
      return numbers.size() < 3 && Read(number, numbers.emplace_back());
    });
    if (fine && numbers.size() == 3) ids.push_back({numbers[0], numbers[1], numbers[2]});
    return fine && numbers.size() == 3;
  });
}
bool Read(std::string_view text, ExeOrigin& value) {
  for (size_t i = 0; i < kOrigins.size(); ++i) {
    if (kOrigins[i] == text) {
      value = static_cast<ExeOrigin>(i);
      return true;
    }
  }
  return false;
}

// ---- the members of each event, described once for both directions ----

template <typename Archive>
void Members(Archive& member, SourceStarted& e) {
  member("backend", e.backend);
  member("kernel", e.kernel);
  member("layout", e.cgroup_layout);
  member("outcomes", e.outcomes);
  member("blind", e.blind_spots);
}
template <typename Archive>
void Members(Archive& member, CgroupMade& e) {
  member("id", e.cgroup);
  member("path", e.path);
  member("existing", e.existing);
}
template <typename Archive>
void Members(Archive& member, CgroupRemoved& e) {
  member("id", e.cgroup);
}
template <typename Archive>
void Members(Archive& member, CheckKey& key) {
  member("cgroup", key.cgroup);
  member.Named("cap", key.capability);
  member("granted", key.granted);
  member("site", key.site);
  member("syscall", key.syscall);
  member("traits", key.traits);
  member("origin", key.exe_origin);
  member("exe", key.exe);
  member("level", key.target_level);
  member("cred-depth", key.cred_depth);
}
template <typename Archive>
void Members(Archive& member, ChecksCounted& e) {
  Members(member, e.key);
  member("count", e.counts.count);
  member("ok", e.counts.succeeded);
  member("failed", e.counts.failed);
  member("errnos", e.counts.errnos);
  member("unread-since", e.unread_since);
}
template <typename Archive>
void Members(Archive& member, CheckSampled& e) {
  Members(member, e.key);
  member("pid", e.pid);
  member("tid", e.tid);
  member("uid", e.uid);
  member("comm", e.comm);
  member("binary", e.binary);
  member("callers", e.callers);
}
template <typename Archive, typename Sets>
void SetMembers(Archive& member, Sets& e) {
  member("prm", e.permitted);
  member("eff", e.effective);
  member("inh", e.inheritable);
  member("bnd", e.bounding);
  member("amb", e.ambient);
}
template <typename Archive>
void Members(Archive& member, ProcessExec& e) {
  member("cgroup", e.cgroup);
  member("pid", e.pid);
  member("uid", e.uid);
  member("euid", e.euid);
  member("comm", e.comm);
  member("path", e.path);
  member("exe", e.exe);
  member("inode", e.inode);
  member("origin", e.exe_origin);
  SetMembers(member, e);
  member("before", e.before_known);
  member("prm-before", e.permitted_before);
  member("uid-before", e.uid_before);
  member("euid-before", e.euid_before);
  member("nnp", e.no_new_privs);
  member("secure", e.secure_exec);
  member("setid", e.set_id_file);
  member("seccomp", e.seccomp_mode);
  member("level", e.userns_level);
  member("existing", e.existing);
  member("file-known", e.file_known);
  member("file-prm", e.file_permitted);
  member("file-inh", e.file_inheritable);
  member("file-eff", e.file_effective);
}
template <typename Archive>
void Members(Archive& member, FileRead& e) {
  member("cgroup", e.cgroup);
  member("exe", e.exe);
  member("path", e.path);
  member("known", e.known);
  member("prm", e.permitted);
  member("eff", e.effective);
}
template <typename Archive>
void Members(Archive& member, UserMapRead& e) {
  member("cgroup", e.cgroup);
  member("level", e.userns_level);
  member("ids", e.ids);
}
template <typename Archive>
void Members(Archive& member, ExecRefused& e) {
  member("cgroup", e.cgroup);
  member("pid", e.pid);
  member("uid", e.uid);
  member("comm", e.comm);
  member("path", e.path);
  member("bnd", e.bounding);
  member("known", e.known);
  member("prm", e.permitted);
  member("eff", e.effective);
}
template <typename Archive>
void Members(Archive& member, CallNoticed& e) {
  member("cgroup", e.cgroup);
  member("pid", e.pid);
  member("uid", e.uid);
  member("comm", e.comm);
  member("syscall", e.syscall);
  member("refused", e.refused);
}
template <typename Archive>
void Members(Archive& member, CapabilitiesSet& e) {
  member("cgroup", e.cgroup);
  member("pid", e.pid);
  member("origin", e.exe_origin);
  member("prm", e.permitted);
  member("eff", e.effective);
  member("inh", e.inheritable);
  member("amb", e.ambient);
  member("had", e.had);
  member("raises", e.raises);
  member("refused", e.refused);
  member("looked", e.looked);
  member("level", e.userns_level);
  member("comm", e.comm);
}
template <typename Archive>
void Members(Archive& member, HeldSets& held) {
  SetMembers(member, held);
  member("user", held.uid);
  member("nnp", held.no_new_privs);
  member("seccomp", held.seccomp_mode);
  member("level", held.userns_level);
  member("path", held.path);
  member("told-by", held.source);
}
template <typename Archive>
void Members(Archive& member, ContainerDescribed& e) {
  member("id", e.container_id);
  member("source", e.source);
  member("name", e.name);
  member("image", e.image);
  member("pod", e.pod);
  member("namespace", e.pod_namespace);
  member("workload", e.workload);
  member("privileged", e.privileged);
  member("labels", e.labels);
  member("inferred", e.workload_inferred);
  member("runtime", e.runtime);
  member("uid", e.pod_uid);
  member("cgroup", e.cgroup_path);
  member("description", e.description);
  bool granted = e.held.has_value();
  member("granted", granted);
  if (granted && !e.held) e.held.emplace();
  if (e.held) Members(member, *e.held);
  member("root", e.root);
  bool filter = e.filter.has_value();
  member("filter", filter);
  if (filter && !e.filter) e.filter.emplace();
  if (!e.filter) return;
  member("filtered", e.filter->present);
  member("allows", e.filter->allows);
}
template <typename Archive>
void Members(Archive& member, SurroundingsSeen& e) {
  member("cgroup", e.cgroup);
  member("facts", e.facts);
}
template <typename Archive>
void Members(Archive& member, ProfileReset& e) {
  member("container", e.container);
}
template <typename Archive>
void Members(Archive& member, BaselineSet& e) {
  member("container", e.container);
}
template <typename Archive>
void Members(Archive& member, EvidenceLost& e) {
  member("cause", e.cause);
  member("cgroup", e.cgroup);
  member("count", e.count);
}
template <typename Archive>
void Members(Archive& member, MapUsage& e) {
  member("used", e.used);
  member("capacity", e.capacity);
  member("freed", e.freed);
  member("largest", e.largest);
}
template <typename Archive>
void Members(Archive&, Clock&) {}

// In the order of the variant's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<KernelEvent>> kEventNames = {
    "source",       "cgroup",    "removed",      "check", "sample",   "exec",
    "capset",       "container", "surroundings", "lost",  "clock",    "file",
    "exec-refused", "call",      "map",          "reset", "baseline", "user-map"};

// ---- writing and reading ----

struct Writer {
  std::string line;

  template <typename T>
  void operator()(std::string_view name, const T& value) {
    if (value == T{}) return;
    line += fmt::format(" {}={}", name, Write(value));
  }
  void Named(std::string_view name, Capability value) {
    line += fmt::format(" {}={}", name, CapabilityName(value));
  }
};

struct Reader {
  std::map<std::string_view, std::string_view> members;  // what is left unread at the end is wrong
  std::string_view malformed;

  template <typename T>
  void operator()(std::string_view name, T& value) {
    const auto found = members.find(name);
    if (found == members.end()) return;
    if (!Read(found->second, value)) malformed = name;
    members.erase(found);
  }
  void Named(std::string_view name, Capability& value) {
    std::string text;
    (*this)(name, text);
    const std::optional<Capability> capability = ParseCapability(text);
    if (capability)
      value = *capability;
    else
      malformed = name;
  }
};

}  // namespace

std::string ToText(const KernelEvent& event) {
  Writer writer;
  writer.line = fmt::format("{} t={}", kEventNames[event.index()], TimeOf(event));
  KernelEvent copy = event;
  std::visit([&](auto& e) { Members(writer, e); }, copy);
  return writer.line;
}

namespace {

template <size_t I = 0>
absl::StatusOr<KernelEvent> ReadEvent(std::string_view name, Reader& reader) {
  if constexpr (I == std::variant_size_v<KernelEvent>) {
    return absl::InvalidArgumentError(fmt::format("unknown event \"{}\"", Quotable(name)));
  } else {
    if (kEventNames[I] != name) return ReadEvent<I + 1>(name, reader);
    std::variant_alternative_t<I, KernelEvent> event;
    reader("t", event.time);
    Members(reader, event);
    return KernelEvent(std::move(event));
  }
}

}  // namespace

absl::StatusOr<KernelEvent> FromText(std::string_view line) {
  Reader reader;
  std::string_view name;
  const bool tokens_fine = ForEachPart(line, ' ', [&](std::string_view token) {
    if (name.empty()) {
      name = token;
      return true;
    }
    const size_t equals = token.find('=');
    if (equals == std::string_view::npos) return false;
    return reader.members.emplace(token.substr(0, equals), token.substr(equals + 1)).second;
  });
  if (!tokens_fine || name.empty())
    return absl::InvalidArgumentError("not an event followed by name=value members");
  absl::StatusOr<KernelEvent> event = ReadEvent(name, reader);
  if (!event.ok()) return event;
  if (!reader.malformed.empty())
    return absl::InvalidArgumentError(fmt::format("malformed value of \"{}\"", reader.malformed));
  if (!reader.members.empty())
    return absl::InvalidArgumentError(
        fmt::format("unknown member \"{}\"", Quotable(reader.members.begin()->first)));
  return event;
}

}  // namespace capmon
