// SPDX-License-Identifier: Apache-2.0
// Stands between a client and its server on Unix sockets: passes everything on, and stops at the
// request that a test chooses, so that something can happen in exactly that moment.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/unique_fd.h"

namespace capmon {

struct GatePoint {
  std::string method;     // "POST"
  std::string part = {};  // of the target
  int which = 1;          // the first such request
  bool answered = true;   // the server has answered it, and the client waits for that
};

class RequestGate {
 public:
  RequestGate(const std::string& path, std::string server);
  ~RequestGate();
  RequestGate(const RequestGate&) = delete;
  RequestGate& operator=(const RequestGate&) = delete;

  // Stops once, at this point.
  void StopAt(const GatePoint& point);
  bool Stopped() const;
  // Goes on. A request whose client has ended meanwhile is dropped.
  void Release();
  // Returns the ids that the server has given to new containers.
  std::set<std::string> Created() const;

 private:
  enum class State { kOpen, kWaiting, kStopped };

  void Accept();
  void Serve(UniqueFd client);
  // Returns whether this request is the chosen one.
  bool IsChosen(const std::string& request);
  void Stop();
  void PassOn(int client, int server, bool stop);
  void Note(const std::string& answer);

  const std::string path_;
  const std::string server_;
  UniqueFd listener_;
  mutable std::mutex mutex_;
  std::condition_variable released_;
  State state_ = State::kOpen;
  GatePoint point_;
  std::set<std::string> created_;
  bool ending_ = false;
  std::vector<std::thread> connections_;  // of the accepting thread
  std::thread accepting_;
};

}  // namespace capmon
