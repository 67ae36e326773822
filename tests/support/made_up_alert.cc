// SPDX-License-Identifier: Apache-2.0
#include <iterator>
#include <map>
#include <utility>

#include "common/utf8.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

std::string MadeUpText(const std::function<uint64_t(uint64_t)>& number) {
  static const std::string kPieces[] = {
      "a",  "/bin/sh", " ",    "|",  "=",    "]",    "\"",   "\\",           "\n",
      "\r", "\x01",    "\x1b", "{}", "\xff", "\xc3", "\xa9", "\xe2\x80\xa8", "\xf0\x9f\x90\x8b",
      ",",  "$(x)"};
  if (number(1000) == 0) return std::string(number(AlertProcess::kMaxCommandLine), 'x');
  std::string text;
  for (uint64_t left = number(7); left > 0; --left) {
    const uint64_t piece = number(std::size(kPieces) + 1);
    text += piece < std::size(kPieces) ? kPieces[piece] : std::string(1, '\0');
  }
  return text;
}

// Values of each type from one source of numbers.
struct Chance {
  const std::function<uint64_t(uint64_t)>& number;

  bool Flag() const { return number(2) == 1; }
  uint64_t Wide() const { return number(3) == 0 ? ~uint64_t{0} - number(9) : number(1u << 20); }
  uint32_t Narrow() const { return static_cast<uint32_t>(Wide()); }
  TimeNs Time() const { return static_cast<TimeNs>(Wide() >> 1); }
  CapabilitySet Set() const { return CapabilitySet(uint64_t{1} << number(64) | number(1u << 14)); }
};

AlertProcess MadeUpProcess(const Chance& chance) {
  AlertProcess process;
  process.pid_inside = chance.Narrow();
  process.parent = chance.Narrow();
  if (chance.Flag()) process.uid = chance.Narrow();
  if (chance.Flag()) process.euid = chance.Narrow();
  process.started = chance.Time();
  process.sets_known = chance.Flag();
  if (!process.sets_known) return process;
  process.effective = chance.Set();
  process.permitted = chance.Set();
  process.bounding = chance.Set();
  return process;
}

HeldSets MadeUpSets(const Chance& chance) {
  HeldSets held;
  held.permitted = chance.Set();
  held.effective = chance.Set();
  held.inheritable = chance.Set();
  held.bounding = chance.Set();
  held.ambient = chance.Set();
  held.uid = chance.Narrow();
  held.no_new_privs = chance.Flag();
  held.seccomp_mode = static_cast<uint8_t>(chance.Narrow());
  held.userns_level = static_cast<uint8_t>(chance.Narrow());
  return held;
}

Container MadeUpContainer(const Chance& chance) {
  Container container;
  container.kind = static_cast<ContainerKind>(chance.number(5));
  container.workload_inferred = chance.Flag();
  container.cgroup = chance.Wide();
  container.privileged = chance.Flag();
  container.first_seen = chance.Time();
  container.removed = chance.Time();
  container.from_start = chance.Flag();
  for (uint64_t left = chance.number(4); left > 0; --left)
    container.labels[std::to_string(left)] = "";
  if (chance.Flag()) container.filter = CallFilter{chance.Flag(), chance.Wide()};
  if (chance.Flag()) container.granted = MadeUpSets(chance);
  return container;
}

}  // namespace

void ForEachText(Alert& alert, const std::function<void(std::string&)>& change) {
  Container& container = alert.container;
  AlertProcess& process = alert.process;
  for (std::string* const text : {&alert.id,
                                  &alert.event_id,
                                  &alert.rule,
                                  &alert.rule_name,
                                  &alert.verdict,
                                  &alert.workload,
                                  &alert.site,
                                  &alert.syscall,
                                  &alert.binary,
                                  &alert.baseline,
                                  &alert.message,
                                  &alert.next,
                                  &process.parent_name,
                                  &process.name,
                                  &process.executable,
                                  &process.command_line,
                                  &container.key,
                                  &container.id,
                                  &container.name,
                                  &container.runtime,
                                  &container.image,
                                  &container.image_digest,
                                  &container.entrypoint,
                                  &container.pod,
                                  &container.pod_namespace,
                                  &container.pod_uid,
                                  &container.workload,
                                  &container.workload_label,
                                  &container.description,
                                  &container.cgroup_path,
                                  &container.name_source,
                                  &container.root})
    change(*text);
  for (Technique& technique : alert.techniques) {
    change(technique.id);
    change(technique.name);
  }
  for (auto& [field, reason] : alert.unread) {
    change(field);
    change(reason);
  }
  if (container.granted) {
    change(container.granted->path);
    change(container.granted->source);
  }
  std::map<std::string, std::string> labels;
  for (std::pair<std::string, std::string> label : container.labels) {
    change(label.first);
    change(label.second);
    labels[label.first] = label.second;
  }
  container.labels = labels;
}

Alert AsStored(Alert alert) {
  ForEachText(alert, [](std::string& text) { text = ToUtf8(text); });
  if (alert.has_capability) return alert;
  alert.capability = 0;
  alert.granted = false;
  alert.verdict = "";
  return alert;
}

Alert MadeUpAlert(const std::function<uint64_t(uint64_t)>& number) {
  const Chance chance = {number};
  Alert alert;
  alert.update = chance.Flag();
  alert.kind = static_cast<AlertKind>(number(static_cast<uint64_t>(kLastAlertKind) + 1));
  alert.rule_version = static_cast<int>(chance.Narrow());
  alert.techniques.resize(number(3));
  alert.severity = static_cast<Severity>(number(5));
  alert.first = chance.Time();
  alert.last = chance.Time();
  alert.count = chance.Wide();
  alert.has_capability = chance.Flag();
  alert.capability = static_cast<Capability>(number(kMaxCapabilities));
  alert.granted = chance.Flag();
  alert.pid = chance.Narrow();
  if (chance.number(8) == 0) {
    alert.unneeded = chance.Set();
    alert.held = alert.unneeded | chance.Set();
  }
  alert.baseline_set = chance.Time();
  alert.unread.resize(number(3));
  alert.process = MadeUpProcess(chance);
  alert.container = MadeUpContainer(chance);
  ForEachText(alert, [&](std::string& text) { text = MadeUpText(number); });
  return alert;
}

}  // namespace capmon
