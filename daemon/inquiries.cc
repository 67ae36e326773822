// SPDX-License-Identifier: Apache-2.0
#include "daemon/inquiries.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>
#include <variant>

namespace capmon {
namespace {

constexpr std::chrono::milliseconds kFilePatience(200);

Layer LayerOf(const FileReader::Tally& tally) {
  constexpr uint64_t kEnough = 8;  // some programs end before they can be looked at
  const bool blind = tally.read == 0 && tally.unread >= kEnough;
  if (tally.unread == 0) return {"files", "ok", ""};
  return {"files", blind ? "failing" : "ok",
          fmt::format("the capabilities of {} of {} executed files could not be read", tally.unread,
                      tally.read + tally.unread)};
}

}  // namespace

Inquiries::Inquiries(const Config& config, const std::string& cgroup_mount) {
  metadata_.emplace(config, cgroup_mount);
  files_.emplace(config.proc);
}

bool Inquiries::HoldsBack(const KernelEvent& event, Monitor& monitor) {
  const auto* const refused = std::get_if<ExecRefused>(&event);
  if (refused == nullptr || !files_ || refused->known || refused->path.empty()) return false;
  files_->Want(*refused, monitor.RootOf(refused->cgroup));
  return true;
}

std::optional<KernelEvent> Inquiries::Follow(const KernelEvent& event, Monitor& monitor) {
  if (const auto* made = std::get_if<CgroupMade>(&event); made != nullptr && metadata_)
    metadata_->Want(*made);
  if (!files_) return std::nullopt;
  if (const auto* removed = std::get_if<CgroupRemoved>(&event)) files_->Forget(*removed);
  if (const auto* sampled = std::get_if<CheckSampled>(&event))
    if (sampled->key.exe_origin == ExeOrigin::kNone || sampled->key.exe_origin == ExeOrigin::kHost)
      if (monitor.RootOf(sampled->key.cgroup) != "/") files_->NoteRuntime(*sampled);
  const auto* const exec = std::get_if<ProcessExec>(&event);
  if (exec == nullptr) return std::nullopt;
  files_->Note(*exec);
  if (monitor.WantsUserMap(*exec)) files_->WantUserMap(*exec);
  const Monitor::FileWish wish = monitor.WishFor(*exec);
  if (wish.wanted) files_->Want(*exec, monitor.RootOf(exec->cgroup));
  return wish.unread ? std::optional<KernelEvent>(*wish.unread) : std::nullopt;
}

bool Inquiries::AwaitFiles() { return !files_ || files_->Await(kFilePatience); }

bool Inquiries::HaveFiles() { return files_ && files_->HasAnswers(); }

std::vector<KernelEvent> Inquiries::Answers(const std::vector<CgroupId>& unnamed) {
  std::vector<KernelEvent> answers;
  if (files_) answers = files_->Take();
  // An exec that was refused for another reason than its file's capabilities.
  std::erase_if(answers, [](const KernelEvent& event) {
    const auto* const refused = std::get_if<ExecRefused>(&event);
    return refused != nullptr && !refused->known;
  });
  if (metadata_)
    for (KernelEvent& event : metadata_->Take(unnamed)) answers.push_back(std::move(event));
  return answers;
}

std::vector<int> Inquiries::fds() const {
  std::vector<int> fds = metadata_ ? metadata_->fds() : std::vector<int>();
  if (files_ && files_->fd() >= 0) fds.push_back(files_->fd());
  return fds;
}

std::vector<Layer> Inquiries::layers() {
  std::vector<Layer> layers =
      metadata_ ? metadata_->layers() : std::vector<Layer>{{"cgroup", "ok", ""}};
  if (files_) layers.push_back(LayerOf(files_->tally()));
  return layers;
}

}  // namespace capmon
