// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/pinned_state.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

namespace capmon {
namespace {

namespace fs = std::filesystem;

constexpr char kAbout[] = "about";
constexpr char kLinks[] = "link_";
constexpr size_t kLargestAbout = 4096;

bool InBpffs(const std::string& path) {
  struct statfs info {};
  return ::statfs(path.c_str(), &info) == 0 &&
         static_cast<unsigned long>(info.f_type) == BPF_FS_MAGIC;
}

// What a generation says of itself, also one of another layout.
std::optional<capmon_generation> ReadAbout(int map) {
  bpf_map_info info{};
  uint32_t size = sizeof(info);
  if (map < 0 || bpf_obj_get_info_by_fd(map, &info, &size) != 0) return std::nullopt;
  if (info.type != BPF_MAP_TYPE_ARRAY || info.key_size != sizeof(uint32_t)) return std::nullopt;
  if (info.value_size < sizeof(uint32_t) || info.value_size > kLargestAbout) return std::nullopt;
  std::vector<char> value(info.value_size);
  const uint32_t first = 0;
  if (bpf_map_lookup_elem(map, &first, value.data()) != 0) return std::nullopt;
  capmon_generation about{};
  std::memcpy(&about, value.data(), std::min(value.size(), sizeof(about)));
  return about;
}

}  // namespace

std::string MapPin(const std::string& map) { return "map_" + map; }
std::string LinkPin(const std::string& program) { return kLinks + program; }
std::string ProgramPin(const std::string& program) { return "prog_" + program; }

UniqueFd PinnedGeneration::Open(const std::string& name) const {
  return UniqueFd(bpf_obj_get((folder + "/" + name).c_str()));
}

bool PinDirectory::Possible(const std::string& path) {
  return InBpffs(path) || InBpffs(fs::path(path).parent_path().string());
}

absl::StatusOr<PinDirectory> PinDirectory::Claim(const std::string& path) {
  if (!Possible(path))
    return absl::InvalidArgumentError(
        fmt::format("cannot pin in {}: it is not in a BPF file system (see --mount-bpffs)", path));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return absl::ErrnoToStatus(errno, fmt::format("make the pin directory {}", path));
  UniqueFd lock(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!lock) return absl::ErrnoToStatus(errno, fmt::format("open the pin directory {}", path));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return PinDirectory(path, std::move(lock));
  if (errno != EWOULDBLOCK) return absl::ErrnoToStatus(errno, fmt::format("lock {}", path));
  return absl::FailedPreconditionError(
      fmt::format("another capmond pins in {}; stop it or choose another --pin-dir", path));
}

std::vector<std::string> PinDirectory::Folders() const {
  std::vector<std::string> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_, error))
    if (entry.is_directory(error)) folders.push_back(entry.path());
  return folders;
}

std::vector<PinnedGeneration> PinDirectory::Generations() const {
  std::vector<PinnedGeneration> generations;
  for (const std::string& folder : Folders()) {
    const UniqueFd map(bpf_obj_get((folder + "/" + kAbout).c_str()));
    const bool hidden = !map && errno != ENOENT;  // it is there, and not for us to read
    if (const auto about = ReadAbout(map.get()))
      generations.push_back({*about, folder});
    else if (!hidden)
      Remove(folder);
  }
  return generations;
}

absl::StatusOr<std::string> PinDirectory::Begin(uint64_t id) const {
  const std::string folder = fmt::format("{}/{:016x}", path_, id);
  if (::mkdir(folder.c_str(), 0700) == 0) return folder;
  return absl::ErrnoToStatus(errno, fmt::format("make {}", folder));
}

absl::Status PinDirectory::Finish(const std::string& folder, const capmon_generation& about) const {
  const UniqueFd map(bpf_map_create(BPF_MAP_TYPE_ARRAY, "capmon_about", sizeof(uint32_t),
                                    sizeof(about), 1, nullptr));
  const uint32_t first = 0;
  const std::string pin = folder + "/" + kAbout;
  if (map && bpf_map_update_elem(map.get(), &first, &about, BPF_ANY) == 0 &&
      bpf_obj_pin(map.get(), pin.c_str()) == 0)
    return absl::OkStatus();
  return absl::ErrnoToStatus(errno, fmt::format("pin {}", pin));
}

void PinDirectory::Detach(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().filename().string().starts_with(kLinks)) ::unlink(entry.path().c_str());
}

void PinDirectory::Remove(const std::string& folder) {
  ::unlink((folder + "/" + kAbout).c_str());
  Detach(folder);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) ::unlink(entry.path().c_str());
  ::rmdir(folder.c_str());
}

std::vector<std::string> PinDirectory::RemoveAll() const {
  std::vector<std::string> removed = Folders();
  for (const std::string& folder : removed) Remove(folder);
  if (::rmdir(path_.c_str()) == 0) removed.push_back(path_);
  return removed;
}

}  // namespace capmon
