// SPDX-License-Identifier: Apache-2.0
// The calls that run, with those whose answer is still being sent: how many each caller has, how
// many it makes in a second, and which last too long. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/api/call_counter.h"
#include "daemon/api/callers.h"
#include "daemon/api/refusals.h"
#include "daemon/api/roles.h"
#include "grpcpp/support/server_interceptor.h"

namespace capmon {

struct CallLimits {
  double per_second = 500;  // of one caller
  double burst = 5000;
  int at_once_of_viewer = 24;
  int streams_of_viewer = 8;  // of those
  int at_once_of_operator = 48;
  int at_once_of_viewers = 40;  // of all together; the server's other threads are for operators
  size_t callers = 1024;        // whose rates are remembered
};

class Calls {
 public:
  Calls(CallLimits limits, Peers& peers, Refusals& refusals)
      : limits_(limits), peers_(peers), refusals_(refusals) {}

  // Notes a call, and cancels it at once if its caller has many more than it may: a refusal needs a
  // thread until it is sent. Returns its number.
  uint64_t Begin(const char* method, grpc::ServerContextBase& call);
  void End(uint64_t number);
  // Cancels calls that last too long.
  void CancelOverdue(int64_t now);

  // PERMISSION_DENIED or RESOURCE_EXHAUSTED if the caller may not make this call now.
  absl::Status Admit(const CallRule& rule, const Caller& caller, int64_t now);

  Peers& peers() { return peers_; }
  Refusals& refusals() { return refusals_; }

 private:
  struct Running {
    std::string caller;  // Caller::key
    Role role;
    bool stream;
    int64_t overdue_at;  // 0: never
    grpc::ServerContextBase* call;
    bool refused = false;  // it is being ended, and takes nobody's place
  };
  struct Bucket {
    double tokens;
    int64_t at;
  };
  struct Count {
    int of_one = 0, streams_of_one = 0, of_viewers = 0;
  };

  Count CountFor(const std::string& caller) const;
  bool TakeToken(const std::string& caller, int64_t now);
  // Makes room: a bucket that is full again says nothing.
  void ForgetIdle(int64_t now);
  bool IsFarOver(const Count& count, Role role) const;

  const CallLimits limits_;
  Peers& peers_;
  Refusals& refusals_;
  std::mutex mutex_;
  std::map<uint64_t, Running> running_;
  std::map<std::string, Bucket> buckets_;
  uint64_t last_ = 0;
};

// Makes gRPC note and count every call, also those of the services that are not ours. Both must
// outlive the server.
std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> Noting(
    Calls& calls, CallCounts& counts);

}  // namespace capmon
