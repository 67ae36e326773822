// SPDX-License-Identifier: Apache-2.0
// BPF programs whose cost is measured, each attached during the lifetime of an object.
#pragma once

#include <capmon_empty_bpf.skel.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/collector/bpf_source.h"
#include "tests/bench/peer.h"

namespace capmon {

class Attached {
 public:
  static Attached Nothing() { return {}; }
  // On the hook of a check.
  static Attached Empty(const std::string& backend);
  // On the end of every system call; `raw`: as a raw tracepoint.
  static Attached EmptySysExit(bool raw);
  static Attached Capmon(const std::string& backend, bool outcomes);
  static Attached Peer(PeerDesign design, const std::string& backend);

  Attached(Attached&& other) noexcept
      : empty_(std::move(other.empty_)),
        source_(std::move(other.source_)),
        peer_(std::move(other.peer_)),
        link_(std::exchange(other.link_, nullptr)) {}
  ~Attached() { bpf_link__destroy(link_); }

  bool works() const { return link_ != nullptr || source_ != nullptr || peer_ != nullptr; }
  // Returns how many sethostname checks reached user space since the last call.
  uint64_t Received();

 private:
  struct EmptyDelete {
    void operator()(capmon_empty_bpf* skeleton) const { capmon_empty_bpf__destroy(skeleton); }
  };

  Attached() = default;
  static Attached One(bpf_program* (*program)(capmon_empty_bpf&));

  std::unique_ptr<capmon_empty_bpf, EmptyDelete> empty_;
  std::unique_ptr<BpfSource> source_;
  std::unique_ptr<capmon::Peer> peer_;
  bpf_link* link_ = nullptr;
};

// Returns the back ends that load here, the best one first.
std::vector<std::string> BackendsHere();

// Makes one check, then fails with EINVAL and changes nothing.
void MakeCheck();
// The cheapest system call, without a check.
void MakeNoCheck();

}  // namespace capmon
