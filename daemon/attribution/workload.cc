// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/workload.h"

#include <algorithm>
#include <string_view>

namespace capmon {
namespace {

constexpr size_t kRandomLetters = 5;

// Kubernetes' random names have no vowels, and no characters that look alike.
bool IsRandom(std::string_view text) {
  constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  return text.find_first_not_of(kLetters) == text.npos;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// "web-1" -> "web"; empty if the part after the last dash does not fit.
std::string WithoutLast(const std::string& name, bool (*fits)(std::string_view), size_t shortest,
                        size_t longest) {
  const size_t dash = name.rfind('-');
  if (dash == name.npos || dash == 0) return "";
  const std::string_view last = std::string_view(name).substr(dash + 1);
  if (last.size() < shortest || last.size() > longest || !fits(last)) return "";
  return name.substr(0, dash);
}

std::string Label(const std::map<std::string, std::string>& labels, const char* name) {
  const auto found = labels.find(name);
  return found == labels.end() ? "" : found->second;
}

std::string WithoutRandom(const std::string& pod) {
  return WithoutLast(pod, IsRandom, kRandomLetters, kRandomLetters);
}

WorkloadName JobOrCronJob(const std::string& job) {
  // Minutes since 1970; seconds in older Kubernetes.
  const std::string cron = WithoutLast(job, IsNumber, 8, 10);
  return cron.empty() ? WorkloadName{"job/" + job} : WorkloadName{"cronjob/" + cron, true};
}

WorkloadName Named(const char* kind, const std::string& name) {
  return name.empty() ? WorkloadName{} : WorkloadName{kind + name};
}

}  // namespace

WorkloadName WorkloadOf(const std::string& pod, const std::map<std::string, std::string>& labels) {
  for (const char* name : {"batch.kubernetes.io/job-name", "job-name"})
    if (const std::string job = Label(labels, name); !job.empty()) return JobOrCronJob(job);
  if (labels.contains("statefulset.kubernetes.io/pod-name"))
    return Named("sts/", WithoutLast(pod, IsNumber, 1, 10));
  if (const std::string hash = Label(labels, "pod-template-hash"); !hash.empty()) {
    const std::string set = WithoutRandom(pod);
    const std::string ending = "-" + hash;
    if (set.size() <= ending.size() || !set.ends_with(ending))
      return {};  // cut, or not from Kubernetes
    return {"deploy/" + set.substr(0, set.size() - ending.size())};
  }
  if (labels.contains("controller-revision-hash")) return Named("ds/", WithoutRandom(pod));
  if (Label(labels, "kubernetes.io/config.source") == "file") return Named("static/", pod);
  if (!labels.empty()) return {};
  const std::string deployment = WithoutLast(WithoutRandom(pod), IsRandom, 8, 10);
  return deployment.empty() ? WorkloadName{} : WorkloadName{"deploy/" + deployment, true};
}

}  // namespace capmon
