// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/exception_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "daemon/alert/rules.h"
#include "daemon/settings/value_forms.h"

namespace capmon {
namespace {

constexpr size_t kMostExceptions = AlertExceptions::kMax;
constexpr char kRemedy[] = "write at least one of workload, rule, binary and capability";

void ReadConditions(SectionReader& reader, AlertException& exception) {
  reader.Text("workload", exception.workload, "shop/deploy/web/*");
  if (reader.Text("rule", exception.rule, "CM001") && CheckRule(reader, "rule", exception.rule) &&
      exception.rule == kFeedRule)
    reader.Fail("rule",
                absl::StrCat("alerts of ", kFeedRule,
                             " say what was held back or lost and have no exceptions; "
                             "remove it, or choose the rules of a sink with its \"rules\""));
  if (reader.Text("binary", exception.binary, "/usr/bin/ping") &&
      !exception.binary.starts_with('/') && !exception.binary.starts_with('*'))
    reader.Fail("binary", absl::StrCat("binary takes a path inside the container, not ",
                                       InQuotes(exception.binary), "; write \"binary: */",
                                       exception.binary.substr(0, 60), "\""));
  std::string name;
  if (!reader.Text("capability", name, "NET_RAW")) return;
  exception.capability = ParseCapability(name);
  if (!exception.capability)
    reader.Fail("capability", absl::StrCat("there is no capability ", InQuotes(name),
                                           "; write it like \"capability: NET_RAW\""));
}

void ReadExpiry(SectionReader& reader, AlertException& exception) {
  std::string date;
  if (!reader.Require("expires", "2027-01-31") || !reader.Text("expires", date, "2027-01-31"))
    return;
  if (date == "never") return;
  const auto time = ParseDate(date);
  if (!time)
    reader.Fail("expires", absl::StrCat("expires takes a day or never, not ", InQuotes(date),
                                        "; write \"expires: 2027-01-31\""));
  else
    exception.expires = *time;
  if (time && *time <= reader.context().host.now)
    reader.Warn("expires",
                absl::StrCat("this exception expired on ", date,
                             " and suppresses nothing; remove it, or write a later day"));
}

AlertException ReadException(const YamlValue& value, ReadContext context) {
  AlertException exception;
  SectionReader reader(value, "an exception", context);
  if (!value.is_map()) return exception;
  ReadConditions(reader, exception);
  const bool any = reader.Has("workload") || reader.Has("rule") || reader.Has("binary") ||
                   reader.Has("capability");
  if (!any)
    reader.Fail(value.place,
                absl::StrCat("an exception without a condition suppresses every alert; ", kRemedy));
  if (reader.Require("reason", "ping is part of the health check"))
    reader.Text("reason", exception.reason, "ping is part of the health check");
  ReadExpiry(reader, exception);
  reader.Finish();
  return exception;
}

}  // namespace

bool CheckRule(SectionReader& reader, const char* key, const std::string& id) {
  if (FindAlertRule(id) != nullptr || id == kFeedRule) return true;
  std::vector<std::string> ids;
  for (const AlertRule& rule : AlertRules()) ids.emplace_back(rule.id);
  const std::string nearest = Nearest(id, ids);
  reader.Fail(key, absl::StrCat("there is no rule ", InQuotes(id),
                                "; write an id from docs/alert-rules.md, like ",
                                nearest.empty() ? ids.front() : nearest));
  return false;
}

std::vector<AlertException> ReadExceptions(const YamlValue& list, ReadContext context) {
  std::vector<AlertException> exceptions;
  if (!list.is_list()) {
    context.faults.Add(list.place,
                       "exceptions takes a list; write each one like \"- rule: CM001\", indented");
    return exceptions;
  }
  if (list.items.size() > kMostExceptions) {
    context.faults.Add(list.place, absl::StrCat("there are ", list.items.size(),
                                                " exceptions; write at most ", kMostExceptions));
    return exceptions;
  }
  for (const YamlValue& item : list.items) {
    AlertException exception = ReadException(item, context);
    const auto equal = [&](const AlertException& other) {
      return item.is_map() && other.workload == exception.workload &&
             other.rule == exception.rule && other.binary == exception.binary &&
             other.capability == exception.capability;
    };
    if (std::ranges::any_of(exceptions, equal))
      context.faults.Add(item.place,
                         "an exception with the same conditions stands above; remove one of them");
    exceptions.push_back(std::move(exception));
  }
  return exceptions;
}

}  // namespace capmon
