// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/image_name.h"

namespace capmon {

ImageName ParseImageName(std::string_view image) {
  ImageName parsed;
  const size_t at = image.find('@');
  if (at != image.npos) parsed.digest = image.substr(at + 1);
  image = image.substr(0, at);
  const size_t last = image.rfind('/') + 1;  // 0 without any; a registry may have a port
  const size_t colon = image.find(':', last);
  if (colon != image.npos) parsed.tag = image.substr(colon + 1);
  image = image.substr(0, colon);
  parsed.path = image;
  for (const std::string_view hub : {"docker.io/library/", "index.docker.io/library/", "docker.io/",
                                     "index.docker.io/", "library/"})
    if (image.starts_with(hub)) {
      image.remove_prefix(hub.size());
      break;
    }
  parsed.name = image;
  return parsed;
}

}  // namespace capmon
