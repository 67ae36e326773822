// SPDX-License-Identifier: Apache-2.0
#include "daemon/inquiries.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>
#include <variant>

namespace capmon {
namespace {

constexpr std::chrono::milliseconds kFilePatience(200);

// Returns why no file is read, as a sentence, or "".
std::string WhyNothingIsRead(const FileReader::Tally& tally) {
  if (tally.gone)
    return "the process that reads the capabilities of files has ended: restart capmond";
  if (tally.full)
    return fmt::format(
        "{} processes that read the capabilities of files hang, because file systems do not "
        "answer; until their containers end, no file is read",
        tally.hanging);
  return "";
}

Layer LayerOf(const FileReader::Tally& tally) {
  constexpr uint64_t kEnough = 8;  // some programs end before their file can be read
  if (const std::string why = WhyNothingIsRead(tally); !why.empty())
    return {"files", "failing", why};
  const bool blind = tally.read == 0 && tally.unread >= kEnough;
  if (tally.unread == 0) return {"files", "ok", ""};
  std::string detail = fmt::format("the capabilities of {} of {} executed files could not be read",
                                   tally.unread, tally.read + tally.unread);
  if (tally.dropped > 0)
    detail += fmt::format("; {} dropped, because a container executed too many files at once",
                          tally.dropped);
  if (tally.hung + tally.avoided > 0)
    detail += fmt::format("; {} not read, because a file system did not answer in time",
                          tally.hung + tally.avoided);
  return {"files", blind ? "failing" : "ok", detail};
}

FileReader::Asker AskerOf(CgroupId cgroup, Monitor& monitor) {
  return {monitor.KeyOf(cgroup), monitor.RootOf(cgroup)};
}

}  // namespace

Inquiries::Inquiries(const Config& config, const std::string& cgroup_mount,
                     std::unique_ptr<ReadingProcess> reading) {
  metadata_.emplace(config, cgroup_mount);
  files_.emplace(std::move(reading));
}

bool Inquiries::HoldsBack(const KernelEvent& event, Monitor& monitor) {
  const auto* const refused = std::get_if<ExecRefused>(&event);
  if (refused == nullptr || !files_ || refused->known || refused->path.empty()) return false;
  files_->Want(*refused, AskerOf(refused->cgroup, monitor));
  return true;
}

std::optional<KernelEvent> Inquiries::Follow(const KernelEvent& event, Monitor& monitor) {
  if (const auto* made = std::get_if<CgroupMade>(&event); made != nullptr && metadata_)
    metadata_->Request(*made);
  if (!files_) return std::nullopt;
  if (const auto* removed = std::get_if<CgroupRemoved>(&event)) files_->Forget(*removed);
  if (const auto* sampled = std::get_if<CheckSampled>(&event))
    if (sampled->key.exe_origin == ExeOrigin::kNone || sampled->key.exe_origin == ExeOrigin::kHost)
      if (const FileReader::Asker asker = AskerOf(sampled->key.cgroup, monitor); asker.root != "/")
        files_->NoteRuntime(*sampled, asker.container);
  const auto* const exec = std::get_if<ProcessExec>(&event);
  if (exec == nullptr) return std::nullopt;
  const FileReader::Asker asker = AskerOf(exec->cgroup, monitor);
  files_->Note(*exec, asker.container);
  if (monitor.WantsUserMap(*exec)) files_->WantUserMap(*exec, asker);
  const Monitor::FileWish wish = monitor.WishFor(*exec);
  if (wish.wanted) files_->Want(*exec, asker);
  return wish.unread ? std::optional<KernelEvent>(*wish.unread) : std::nullopt;
}

bool Inquiries::AwaitFiles() { return !files_ || files_->Await(kFilePatience); }

bool Inquiries::HaveFiles() { return files_ && files_->HasAnswers(); }

std::vector<KernelEvent> Inquiries::Answers(const std::vector<CgroupId>& unnamed) {
  std::vector<KernelEvent> answers;
  if (files_) answers = files_->Drain();
  // The exec failed for another reason than the file's capabilities.
  std::erase_if(answers, [](const KernelEvent& event) {
    const auto* const refused = std::get_if<ExecRefused>(&event);
    return refused != nullptr && !refused->known;
  });
  if (metadata_)
    for (KernelEvent& event : metadata_->Poll(unnamed)) answers.push_back(std::move(event));
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

std::map<std::string, uint64_t> Inquiries::counters() {
  if (!files_) return {};
  const FileReader::Tally tally = files_->tally();
  return {{"files_read", tally.read},
          {"files_unread", tally.unread},
          {"files_unread_dropped", tally.dropped},
          {"files_unread_hung", tally.hung + tally.avoided},
          {"file_readers_hanging", tally.hanging}};
}

}  // namespace capmon
