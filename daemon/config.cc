// SPDX-License-Identifier: Apache-2.0
#include "daemon/config.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "generated/version.h"

namespace capmon {
namespace {

// A relative path would depend on capmond's working directory.
std::string AbsoluteOrNone(const std::string& path) {
  return path == "none" || path.starts_with('/') ? "" : path + " is neither absolute nor \"none\"";
}

}  // namespace

std::variant<Config, int> ParseCommandLine(int argc, char** argv) {
  Config config;
  CLI::App app(
      "capmond counts which Linux capabilities containers use, and serves profiles to capmon.",
      "capmond");
  app.set_version_flag("--version", "capmond " CAPMON_VERSION);
  app.add_option("--address", config.address, "Socket to create, unix:///absolute/path")
      ->capture_default_str();
  app.add_option("--socket-group", config.socket_group, "Group that may use the socket");
  app.add_option("--alerts", config.alerts,
                 "Append alerts to this file, one JSON object per line; - is stdout");
  app.add_option(
         "--baseline-after", config.baseline_after_seconds,
         "Set the baseline of a new container after this many seconds; 0: only by capmon baseline")
      ->check(CLI::Range(0, 31'536'000))
      ->capture_default_str();
  app.add_option(
         "--learn-for", config.learn_for_seconds,
         "Record the results of a new container's system calls for this many seconds; 0: never")
      ->check(CLI::Range(0, 31'536'000))
      ->capture_default_str();
  app.add_option("--stable-after", config.stable_after_seconds,
                 "Seconds without anything new after which an active container's profile is stable")
      ->check(CLI::Range(1, 31'536'000))
      ->capture_default_str();
  app.add_option("--record", config.record, "Write every event to this file");
  app.add_option("--replay", config.replay, "Read events from this recording instead of the kernel")
      ->excludes("--record");
  app.add_option("--docker-socket", config.docker_socket,
                 "Socket of Docker or Podman to query for names, or \"none\"")
      ->capture_default_str();
  app.add_option(
         "--cri-socket", config.cri_sockets,
         "Sockets of Kubernetes runtimes to query for names (the first that answers), or \"none\"")
      ->take_all()
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("--run-dir", config.run_dirs,
                 "Directory with the state of runtimes, or \"none\"; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("--docker-root", config.docker_roots,
                 "Docker's data directory, or \"none\"; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("--storage-root", config.storage_roots,
                 "Directory with containers of CRI-O and Podman, or \"none\"; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("--call-sites", config.call_sites,
                 "Use this table of call sites instead of the built-in one");
  app.add_option("--programs", config.programs,
                 "Use this table of known programs instead of the built-in one");
  app.add_option("--backend", config.backend, "Use only this hook")
      ->check(CLI::IsMember({"fexit", "tp_btf", "kprobe"}));
  app.add_option("--cgroup-root", config.cgroup_root,
                 "Mount point of the cgroup hierarchy; by default found in mountinfo")
      ->check(CLI::ExistingDirectory);
  app.add_option("--proc", config.proc, "Mount point of the host's proc")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  app.add_option("--max-checks", config.max_checks,
                 "Number of counters in the kernel, for all containers; by default it grows with "
                 "the machine's memory, from 65536")
      ->check(CLI::Range(1024, 1 << 20));
  app.add_option("--keys-per-container,--keys-per-cgroup", config.keys_per_container,
                 "Number of counters for one container, with all cgroups nested in it")
      ->check(CLI::Range(16, 1 << 16))
      ->capture_default_str();
  const auto* const state_dir =
      app.add_option("--state-dir", config.state_dir,
                     "Store evidence in this directory; none: store nothing")
          ->check(&AbsoluteOrNone)
          ->capture_default_str();
  const auto* const pin_dir =
      app.add_option("--pin-dir", config.pin_dir,
                     "Pin the programs here, to count while capmond is stopped; none: pin nothing")
          ->check(&AbsoluteOrNone)
          ->capture_default_str();
  app.add_flag("--mount-bpffs", config.mount_bpffs,
               "Mount a BPF file system at /sys/fs/bpf if there is none");
  app.add_flag("--uninstall", config.uninstall,
               "Remove the pins, the stored evidence and the socket, then exit");
  app.add_option("--log-level", config.log_level, "Least severe messages to log on stderr")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "capmond: {} (see capmond --help)\n", error.what());
    return 2;
  }
  config.state_dir_given = state_dir->count() > 0;
  config.pin_dir_given = pin_dir->count() > 0;
  return config;
}

}  // namespace capmon
