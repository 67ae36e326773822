// SPDX-License-Identifier: Apache-2.0
// Another design on the hook of a check: a small program of our own, with a thread that receives
// its records.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace capmon {

struct PeerDesign {
  const char* name;     // "ring buffer, woken"
  const char* program;  // of peers.bpf.c, without the back end: "ring"
  bool stack = false;
  bool wake = true;  // the receiver sleeps until a record wakes it; else it looks every millisecond
  bool pairs = false;  // has programs at the begin and end of every system call
};

const std::vector<PeerDesign>& PeerDesigns();

class Peer {
 public:
  // Null if the kernel rejects it.
  static std::unique_ptr<Peer> Attach(const PeerDesign& design, const std::string& backend);
  virtual ~Peer() = default;
  // Returns how many records arrived since the last call.
  virtual uint64_t Received() = 0;
};

}  // namespace capmon
