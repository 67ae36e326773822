// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/options.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/settings/value_forms.h"

namespace capmon {
namespace {

using Form = Option::Form;

constexpr int64_t kYear = 31'536'000;

}  // namespace

const std::vector<Option>& Options() {
  // The order is that of the help text and of the sample file.
  static const auto& kOptions = *new std::vector<Option>{
      {"--address", "address", Form::kAddress, &Config::address,
       "Socket to create, unix:///absolute/path"},
      {"--socket-group", "socket_group", Form::kText, &Config::socket_group,
       "Group whose members may connect to the socket", "capmon"},
      {"--operators", "operators", Form::kNames, &Config::operators,
       "Users and groups (group:NAME) that may also change something, besides root and capmond's "
       "own user; may be repeated",
       "[alice, group:capmon-admin]"},
      {"--viewers", "viewers", Form::kNames, &Config::viewers,
       "Users and groups (group:NAME) that may read; by default all that can connect to the "
       "socket; may be repeated",
       "[group:capmon]"},
      {"--listen", "listen", Form::kTcpAddress, &Config::listen,
       "Serve here by TCP as well, by TLS with client certificates only", "127.0.0.1:7443"},
      {"--tls-cert", "tls_cert", Form::kFile, &Config::tls_cert,
       "capmond's certificate, with the chain below its authority", "/etc/capmon/tls/tls.crt"},
      {"--tls-key", "tls_key", Form::kFile, &Config::tls_key, "The key of capmond's certificate",
       "/etc/capmon/tls/tls.key"},
      {"--tls-client-ca", "tls_client_ca", Form::kFile, &Config::tls_client_ca,
       "The authority whose certificates clients must have", "/etc/capmon/tls/ca.crt"},
      {"--requests-per-second", "requests_per_second", Form::kNumber, &Config::requests_per_second,
       "Requests that one viewer may send in a second, and ten times as many at once", "", 1,
       100'000},
      {"--alerts", "alert_file", Form::kNewFile, &Config::alerts,
       "Append alerts to this file, one JSON object per line; - is stdout",
       "/var/log/capmon/alerts.jsonl"},
      {"--metrics", "metrics", Form::kListen, &Config::metrics,
       "Serve metrics for Prometheus at this address, to everybody who reaches it; by default "
       "nowhere",
       "127.0.0.1:9464"},
      {"--node", "node", Form::kText, &Config::node,
       "Name of this machine in alerts, profiles and exports; by default the host's name",
       "node-7"},
      {"--cluster", "cluster", Form::kText, &Config::cluster,
       "Name of the cluster in alerts, profiles and exports", "prod-eu"},
      {"--baseline-after", "baseline_after", Form::kSeconds, &Config::baseline_after_seconds,
       "Set the baseline of a new container after this many seconds; 0: only by capmon baseline",
       "", 0, kYear},
      {"--learn-for", "learn_for", Form::kSeconds, &Config::learn_for_seconds,
       "After a container's start, watch system calls for no longer than this; 0: never", "", 0,
       kYear},
      {"--watch-budget", "watch_budget", Form::kSeconds, &Config::watch_budget_seconds,
       "The most seconds per hour in which all system calls of the host are watched; 0: none", "",
       0, 3600},
      {"--stable-after", "stable_after", Form::kSeconds, &Config::stable_after_seconds,
       "Seconds without anything new after which an active container's profile is stable", "", 1,
       kYear},
      {"--complete-starts", "complete_starts", Form::kNumber, &Config::complete_starts,
       "A stable profile is complete after this many starts were seen", "", 1, 1000},
      {"--complete-instances", "complete_instances", Form::kNumber, &Config::complete_instances,
       "A stable profile is complete after starts of this many instances were seen", "", 1, 1000},
      {"--complete-known-sites", "complete_known_sites", Form::kNumber,
       &Config::complete_known_sites,
       "A stable profile is complete if this percentage of its checks was at known call sites", "",
       0, 100},
      {"--record", "record", Form::kNewFile, &Config::record, "Write every event to this file",
       "/var/lib/capmon/events"},
      {"--replay", "replay", Form::kFile, &Config::replay,
       "Read events from this recording instead of the kernel", "/var/lib/capmon/events"},
      {"--docker-socket", "docker_socket", Form::kPathsOrNone, &Config::docker_sockets,
       "Socket of Docker or Podman to query for names, or \"none\"; may be repeated, up to 8 "
       "times"},
      {"--cri-socket", "cri_sockets", Form::kPathsOrNone, &Config::cri_sockets,
       "Sockets of Kubernetes runtimes to query for names (the first that answers), or \"none\"",
       "[/run/containerd/containerd.sock]"},
      {"--run-dir", "run_dirs", Form::kPathsOrNone, &Config::run_dirs,
       "Directory with the state of runtimes, or \"none\"; may be repeated"},
      {"--docker-root", "docker_roots", Form::kPathsOrNone, &Config::docker_roots,
       "Docker's data directory, or \"none\"; may be repeated"},
      {"--storage-root", "storage_roots", Form::kPathsOrNone, &Config::storage_roots,
       "Directory with containers of CRI-O and Podman, or \"none\"; may be repeated"},
      {"--call-sites", "call_sites", Form::kFile, &Config::call_sites,
       "Use this table of call sites instead of the built-in one", "/etc/capmon/call-sites.tsv"},
      {"--programs", "programs", Form::kFile, &Config::programs,
       "Use this table of known programs instead of the built-in one", "/etc/capmon/programs.tsv"},
      {"--backend",
       "backend",
       Form::kWord,
       &Config::backend,
       "Use only this hook",
       "tp_btf",
       0,
       0,
       {"fexit", "tp_btf", "kprobe"}},
      {"--cgroup-root", "cgroup_root", Form::kDirectory, &Config::cgroup_root,
       "Mount point of the cgroup hierarchy; by default found in mountinfo", "/sys/fs/cgroup"},
      {"--proc", "proc", Form::kDirectory, &Config::proc, "Mount point of the host's proc"},
      {"--max-checks", "max_checks", Form::kNumber, &Config::max_checks,
       "Number of counters in the kernel, for all containers; by default it grows with the "
       "machine's memory, from 65536",
       "65536", 1024, 1 << 20},
      {"--keys-per-container,--keys-per-cgroup", "keys_per_container", Form::kNumber,
       &Config::keys_per_container,
       "Number of counters for one container, with all cgroups nested in it", "", 16, 1 << 16},
      {"--state-dir", "state_dir", Form::kPathOrNone, &Config::state_dir,
       "Store evidence in this directory; none: store nothing"},
      {"--pin-dir", "pin_dir", Form::kPathOrNone, &Config::pin_dir,
       "Pin the programs here, to count while capmond is stopped; none: pin nothing"},
      {"--mount-bpffs", "mount_bpffs", Form::kSwitch, &Config::mount_bpffs,
       "Mount a BPF file system at /sys/fs/bpf if there is none"},
      {"--log-level",
       "log_level",
       Form::kWord,
       &Config::log_level,
       "Least severe messages to log on stderr",
       "",
       0,
       0,
       {"debug", "info", "warn", "error"}},
  };
  return kOptions;
}

const Option* FindOption(std::string_view key) {
  const auto found = std::ranges::find(Options(), key, &Option::key);
  return found == Options().end() ? nullptr : &*found;
}

std::string Accepts(const Option& option) {
  switch (option.form) {
    case Form::kText: return "a text";
    case Form::kAddress: return "an address like unix:///run/capmon/capmon.sock";
    case Form::kListen: return "an address like 127.0.0.1:9464 or unix:///run/capmon/metrics.sock";
    case Form::kNewFile:
    case Form::kFile: return "the absolute path of a file";
    case Form::kPathOrNone: return "an absolute path, or none";
    case Form::kDirectory: return "the absolute path of a directory";
    case Form::kPathsOrNone: return "a list of absolute paths, or none";
    case Form::kNames: return "a list of users, or of groups as group:NAME";
    case Form::kTcpAddress: return "an address like 127.0.0.1:7443";
    case Form::kWord: return Alternatives(option.words);
    case Form::kNumber: return absl::StrCat("a number from ", option.least, " to ", option.most);
    case Form::kSeconds:
      return absl::StrCat("a time like 90s, 5m or 2h, from ",
                          TimeText(std::chrono::seconds(option.least)), " to ",
                          TimeText(std::chrono::seconds(option.most)));
    case Form::kSwitch: return "true or false";
  }
  return "";
}

std::string AsYaml(const Option& option, const Config& config) {
  struct Printer {
    const Config& config;
    std::string operator()(std::string Config::*member) const { return config.*member; }
    std::string operator()(std::vector<std::string> Config::*member) const {
      return absl::StrCat("[", absl::StrJoin(config.*member, ", "), "]");
    }
    std::string operator()(int64_t Config::*member) const { return absl::StrCat(config.*member); }
    std::string operator()(uint32_t Config::*member) const {
      return config.*member == 0 ? "" : absl::StrCat(config.*member);
    }
    std::string operator()(bool Config::*member) const { return config.*member ? "true" : "false"; }
  };
  return std::visit(Printer{config}, option.member);
}

std::string ExampleOf(const Option& option) {
  return absl::StrCat(option.key, ": ",
                      option.example.empty() ? AsYaml(option, Config()) : option.example);
}

bool Equal(const Option& option, const Config& one, const Config& other) {
  return std::visit([&](auto member) { return one.*member == other.*member; }, option.member);
}

void Copy(const Option& option, const Config& from, Config& to) {
  std::visit([&](auto member) { to.*member = from.*member; }, option.member);
}

}  // namespace capmon
