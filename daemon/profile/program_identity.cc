// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/program_identity.h"

#include <algorithm>
#include <map>

namespace capmon {
namespace {

// The kernel's records hold 256 bytes with the end, so one that long may have been cut off.
constexpr size_t kLongestPath = 254;

// What lies there is no part of an image, or is another file in every process.
constexpr std::string_view kChangingPlaces[] = {"/proc/", "/dev/",     "/sys/",    "/run/",
                                                "/tmp/",  "/var/tmp/", "/var/run/"};

// Run what they are given, or what their first argument names. By the start of the name:
// python3.12.
constexpr std::string_view kRunners[] = {
    "python", "pypy",  "perl", "ruby",    "node",      "php",  "lua",     "java",  "tclsh",
    "wish",   "guile", "beam", "dotnet",  "mono",      "pwsh", "Rscript", "julia", "ocaml",
    "scala",  "erl",   "bash", "busybox", "coreutils", "ld-",  "ld.so",   "qemu-"};
constexpr std::string_view kRunnersExactly[] = {
    "sh",      "dash",    "ash",    "zsh",    "ksh",   "ksh93",   "mksh", "csh",  "tcsh",
    "fish",    "rbash",   "rc",     "es",     "awk",   "gawk",    "mawk", "nawk", "sed",
    "toybox",  "toolbox", "box",    "deno",   "bun",   "gjs",     "qjs",  "jjs",  "expect",
    "m4",      "make",    "gmake",  "ninja",  "gdb",   "R",       "sbcl", "ghci", "racket",
    "escript", "elixir",  "groovy", "jshell", "uwsgi", "osqueryi"};

}  // namespace

bool NamesOneProgram(std::string_view path) {
  if (!path.starts_with('/') || path.size() > kLongestPath || path.ends_with(" (deleted)"))
    return false;
  if (path.find("/../") != path.npos || path.find("/./") != path.npos) return false;
  const auto begins = [](std::string_view text) {
    return [text](std::string_view start) { return text.starts_with(start); };
  };
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return !name.empty() && std::ranges::none_of(kChangingPlaces, begins(path)) &&
         std::ranges::none_of(kRunners, begins(name)) &&
         std::ranges::find(kRunnersExactly, name) == std::end(kRunnersExactly);
}

ProgramIdentities::ProgramIdentities(const Profile& profile) : profile_(profile) {
  std::map<std::string_view, uint32_t> files;
  for (const auto& [exe, path] : profile.binaries)
    if (!files.emplace(path, exe).second) of_several_.insert(path);
  for (const auto& [exe, file] : profile.files)
    if (const auto [known, fresh] = files.emplace(file.path, exe); !fresh && known->second != exe)
      of_several_.insert(file.path);
  // With several names it has any of them.
  for (const auto& [exe, file] : profile.files)
    if (const auto name = profile.binaries.find(exe);
        name != profile.binaries.end() && name->second.empty())
      of_several_.insert(file.path);
}

bool ProgramIdentities::IsKnown(const std::string& path) const {
  return NamesOneProgram(path) && !of_several_.contains(path);
}

bool ProgramIdentities::IsKnown(const CheckKey& key) const {
  const bool own = profile_.container.kind == ContainerKind::kContainer
                       ? key.exe_origin == ExeOrigin::kOwn
                       : key.exe_origin != ExeOrigin::kMemory;
  if (key.exe == 0 || !own) return false;
  const auto path = profile_.binaries.find(key.exe);
  return path != profile_.binaries.end() && IsKnown(path->second);
}

}  // namespace capmon
