// SPDX-License-Identifier: Apache-2.0
// The connection to capmond. Every error is one sentence and says what to do.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.grpc.pb.h"
#include "common/address.h"

namespace capmon {

class Daemon {
 public:
  using Stub = v1::Capmon::StubInterface;
  static constexpr std::chrono::seconds kPatience{10};

  // UNAVAILABLE if no process listens, PERMISSION_DENIED if the socket may not be used.
  static absl::StatusOr<Daemon> Connect(const std::string& address);

  // Sends one request: Call(&Daemon::Stub::GetProfile, request).
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request,
                                std::chrono::milliseconds patience = kPatience) {
    grpc::ClientContext call;
    call.set_deadline(std::chrono::system_clock::now() + patience);
    Response response;
    const grpc::Status status = (stub_.get()->*method)(&call, request, &response);
    if (!status.ok()) return Failure(status, patience);
    stale_ = call.GetServerTrailingMetadata().contains(kStaleAnswer);
    return response;
  }

  // The command that lists what a request names: "capmon sink list".
  void set_listed_by(std::string command) { listed_by_ = std::move(command); }

  // Sends several requests that capmond answers as one.
  template <typename Request, typename Response>
  absl::StatusOr<Response> CallWithAll(std::unique_ptr<grpc::ClientWriterInterface<Request>> (
                                           Stub::*method)(grpc::ClientContext*, Response*),
                                       const std::vector<Request>& requests,
                                       std::chrono::milliseconds patience) {
    grpc::ClientContext call;
    call.set_deadline(std::chrono::system_clock::now() + patience);
    Response response;
    const auto writer = (stub_.get()->*method)(&call, &response);
    // A request that cannot be written has an answer already.
    for (const Request& request : requests)
      if (!writer->Write(request)) break;
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    if (!status.ok()) return Failure(status, patience);
    return response;
  }

  // True if the last answer was given before capmond had read the latest counters.
  bool stale() const { return stale_; }

  // Passes on every item until the stream ends or `take` fails.
  template <typename Request, typename Item>
  absl::Status Follow(std::unique_ptr<grpc::ClientReaderInterface<Item>> (Stub::*method)(
                          grpc::ClientContext*, const Request&),
                      const Request& request,
                      const std::function<absl::Status(const Item&)>& take) {
    grpc::ClientContext call;
    const auto reader = (stub_.get()->*method)(&call, request);
    Item item;
    while (reader->Read(&item)) {
      if (absl::Status status = take(item); !status.ok()) return status;
    }
    const grpc::Status status = reader->Finish();
    return status.ok() ? absl::OkStatus() : Failure(status);
  }

 private:
  Daemon(std::string path, std::unique_ptr<Stub> stub)
      : path_(std::move(path)), stub_(std::move(stub)) {}
  absl::Status Failure(const grpc::Status& status,
                       std::chrono::milliseconds patience = kPatience) const;

  std::string path_;
  std::string listed_by_ = "capmon list -a";
  bool stale_ = false;
  std::unique_ptr<Stub> stub_;
};

}  // namespace capmon
