// SPDX-License-Identifier: Apache-2.0
// Requests of the API: anyone with access to the socket may send any bytes. The first byte chooses
// the call, the others are its request.
#include <iterator>

#include "daemon/api/service.h"
#include "tests/fuzz/fuzz.h"

namespace capmon {
namespace {

constexpr TimeNs kNow = kSecond;

// A monitor with one container, and the service in front of it; for all inputs.
class Host {
 public:
  Host() {
    monitor_.With([](Monitor& monitor) {
      monitor.Apply(SourceStarted{});
      monitor.Apply(CgroupMade{kNow, 7, "/docker/" + std::string(64, 'a'), false});
      ChecksCounted counted;
      counted.time = kNow;
      counted.key.cgroup = 7;
      counted.key.granted = true;
      counted.key.site = "inet_bind";
      counted.counts.count = 1;
      monitor.Apply(counted);
    });
  }

  Service& service() { return service_; }

 private:
  Synchronized<Monitor> monitor_{CallSites::BuiltIn(), Monitor::Options()};
  Broadcast<Alert> alerts_{16};
  Broadcast<WatchedEvent> events_{16};
  Peers peers_;
  Service service_{
      ServiceContext{monitor_, alerts_, events_, [](const std::string&) { return true; },
                     [] { return std::vector<Layer>(); }, [] { return HealthState(); },
                     [this](const std::vector<KernelEvent>& events) {
                       monitor_.With([&](Monitor& monitor) {
                         for (const KernelEvent& event : events) monitor.Apply(event);
                       });
                       return absl::OkStatus();
                     }},
      peers_};
};

Host& TheHost() {
  static Host host;
  return host;
}

template <typename Request, typename Response>
void Call(grpc::Status (Service::*method)(grpc::ServerContext*, const Request*, Response*),
          std::string_view bytes) {
  Request request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  Response response;
  grpc::ServerContext context;
  const grpc::Status status = (TheHost().service().*method)(&context, &request, &response);
  Require(status.ok() || !status.error_message().empty(), "a refusal has a reason");
  std::string answer;
  Require(response.SerializeToString(&answer), "the answer can be sent");
}

using Calls = void (*)(std::string_view);
constexpr Calls kCalls[] = {
    [](std::string_view bytes) { Call(&Service::ListContainers, bytes); },
    [](std::string_view bytes) { Call(&Service::GetProfile, bytes); },
    [](std::string_view bytes) { Call(&Service::Explain, bytes); },
    [](std::string_view bytes) { Call(&Service::GetStatus, bytes); },
    [](std::string_view bytes) { Call(&Service::ResetProfile, bytes); },
    [](std::string_view bytes) { Call(&Service::SetBaseline, bytes); },
};

}  // namespace
}  // namespace capmon

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  capmon::kCalls[data[0] % std::size(capmon::kCalls)](capmon::AsText(data + 1, size - 1));
  return 0;
}
