// SPDX-License-Identifier: Apache-2.0
#include "client/run/volume_copies.h"

#include <cstdint>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/output.h"
#include "client/run/child_command.h"
#include "client/run/twin_isolation.h"
#include "common/json.h"

namespace capmon {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr uint64_t kMaxCopied = uint64_t{1} << 30;
constexpr char kRemedy[] =
    "; leave out --copy-volumes, and the twins have the volumes read-only, or give --share-volumes";

bool IsVolumeOrBind(const Json& mount) {
  const std::string type = TextAt(mount, {"Type"});
  return type == "volume" || type == "bind";
}

// Returns the list of mounts, as it is in effect; an empty one if there is none.
Json MountsOf(const Json& inspected) {
  const Json* const mounts = At(inspected, {"Mounts"});
  return mounts != nullptr && mounts->is_array() ? *mounts : Json::array();
}

// Adds the sizes of the files up to `limit`.
uint64_t SizeOf(const std::string& directory, uint64_t limit) {
  uint64_t size = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator i(directory, error), end; !error && i != end;
       i.increment(error)) {
    std::error_code ignored;
    if (i->is_regular_file(ignored) && !i->is_symlink(ignored)) size += i->file_size(ignored);
    if (size > limit) break;
  }
  return size;
}

// Returns the settings that name volumes.
std::string TextOfMounts(const Json& host) {
  std::string text;
  for (const char* key : {"Binds", "Mounts"})
    if (const Json* const list = At(host, {key}); list != nullptr)
      text += list->dump(-1, ' ', false, Json::error_handler_t::replace);
  return text;
}

}  // namespace

std::vector<WritableMount> WritableMounts(const Json& inspected) {
  std::vector<WritableMount> found;
  for (const Json& mount : MountsOf(inspected))
    if (IsVolumeOrBind(mount) && FlagAt(mount, {"RW"}))
      found.push_back({TextAt(mount, {"Source"}), TextAt(mount, {"Destination"})});
  return found;
}

bool TwinsFindWhatItWrote(const Json& inspected) {
  const Json* const host = At(inspected, {"HostConfig"});
  const bool inherits = SizeAt(inspected, {"HostConfig", "VolumesFrom"}) > 0;
  const std::string settings = host == nullptr ? "" : TextOfMounts(*host);
  for (const Json& mount : MountsOf(inspected)) {
    if (!IsVolumeOrBind(mount) || !FlagAt(mount, {"RW"})) continue;
    const std::string volume = TextAt(mount, {"Name"});
    if (inherits || volume.empty() || absl::StrContains(settings, volume)) return true;
  }
  return false;
}

absl::Status MayBeCopied(const std::vector<WritableMount>& mounts) {
  uint64_t size = 0;
  for (const WritableMount& mount : mounts) {
    std::error_code error;
    if (!fs::is_directory(mount.source, error))
      return absl::FailedPreconditionError(
          absl::StrCat("cannot copy what is mounted at ", mount.destination, ": ", mount.source,
                       " is no directory on this machine", kRemedy));
    size += SizeOf(mount.source, kMaxCopied);
    if (size > kMaxCopied)
      return absl::FailedPreconditionError(
          absl::StrCat("cannot copy what is mounted at ", mount.destination,
                       " for each run: the volumes have more than 1 GiB", kRemedy));
  }
  return absl::OkStatus();
}

void MountCopies(const Json& inspected, const std::map<std::string, std::string>& volume_at,
                 Json& body) {
  Json& host = body["HostConfig"];
  Json binds = Json::array();
  for (const Json& mount : MountsOf(inspected)) {
    if (!IsVolumeOrBind(mount)) continue;
    const std::string place = TextAt(mount, {"Destination"});
    const bool volume = TextAt(mount, {"Type"}) == "volume";
    if (const auto copy = volume_at.find(place); copy != volume_at.end())
      binds.push_back(absl::StrCat(copy->second, ":", place, ":nocopy"));
    else
      binds.push_back(absl::StrCat(TextAt(mount, {volume ? "Name" : "Source"}), ":", place,
                                   volume ? ":ro,nocopy" : ":ro"));
  }
  host["Binds"] = std::move(binds);
  host.erase("VolumesFrom");
  Json others = Json::array();
  if (SizeAt(host, {"Mounts"}) > 0 && host["Mounts"].is_array())
    for (const Json& mount : host["Mounts"])
      if (TextAt(mount, {"Type"}) == "tmpfs") others.push_back(mount);
  host["Mounts"] = std::move(others);
}

absl::StatusOr<int> VolumeCopies::Make(const std::vector<WritableMount>& mounts,
                                       const BlockedSignals& signals) {
  if (absl::Status status = MayBeCopied(mounts); !status.ok()) return status;
  for (const WritableMount& mount : mounts) {
    const std::string name = absl::StrCat(name_, "-", volume_at_.size());
    const auto directory = engine_.CreateVolume(name, {{kTwinOwnerLabel, owner_}});
    if (!directory.ok()) return directory.status();
    volume_at_[mount.destination] = name;
    made_.push_back({*directory, mount.destination});
    const auto copied = RunHelper(
        {"cp", "-a", "--reflink=auto", "--", mount.source + "/.", *directory}, signals, {});
    if (!copied.ok()) return copied.status();
    if (copied->interrupted_by != 0) return copied->interrupted_by;
    if (copied->exit_code != 0)
      return absl::FailedPreconditionError(
          absl::StrCat("cannot copy what is mounted at ", mount.destination,
                       ": cp ended with exit status ", copied->exit_code, kRemedy));
  }
  return 0;
}

VolumeCopies::~VolumeCopies() {
  for (const auto& [place, name] : volume_at_)
    if (absl::Status removed = engine_.RemoveVolume(name); !removed.ok())
      PrintError(std::string(removed.message()));
}

}  // namespace capmon
