# SPDX-License-Identifier: Apache-2.0
# The packages capmond and capmon, as CPack makes them for deploy/packages/build.sh: a component of
# `cmake --install` each. What they have besides its files, stage.cmake adds.
set(packages ${CMAKE_CURRENT_LIST_DIR})
set(CAPMON_PACKAGE_MAINTAINER "capmon maintainers <maintainers@capmon.invalid>" CACHE STRING
    "Who answers for the packages, as in \"Name <address>\"")

set(CPACK_PACKAGE_NAME capmon)
set(CPACK_PACKAGE_VENDOR capmon)
set(CPACK_PACKAGE_CONTACT "${CAPMON_PACKAGE_MAINTAINER}")
set(CPACK_COMPONENTS_ALL capmond capmon)
set(CPACK_COMPONENTS_GROUPING IGNORE)
# The unit contains the paths of the installed programs.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
    GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${packages}/stage.cmake)
set(CPACK_CAPMON_PACKAGES ${packages})

set(capmond_summary "counts which Linux capabilities containers really need")
set(capmond_text "capmond counts every capability check of the kernel with a small BPF
program, attributes it to a container or a systemd unit, and judges which
of its capabilities the container needs. It enforces nothing. It runs as a
user of its own with three capabilities. Counting goes on while capmond
restarts, so an upgrade loses no check.

The kernel must have BTF and be 5.10 or later. The command line is in the
package capmon.")
set(capmon_summary "shows which Linux capabilities a container really needs")
set(capmon_text "capmon queries capmond, and prints for a container, a pod, a workload or a
systemd unit which capabilities to keep, which to remove, and why; also as
settings for Docker, Compose, Kubernetes and systemd. It checks manifests
against profiles in files, for which it needs no capmond.")
foreach(package capmond capmon)
  string(TOUPPER ${package} PACKAGE)
  set(CPACK_COMPONENT_${PACKAGE}_DESCRIPTION "${${package}_summary}\n${${package}_text}")
  set(CPACK_DEBIAN_${PACKAGE}_PACKAGE_NAME ${package})
  set(CPACK_RPM_${PACKAGE}_PACKAGE_NAME ${package})
  set(CPACK_RPM_${PACKAGE}_PACKAGE_SUMMARY "${${package}_summary}")
  set(CPACK_RPM_${PACKAGE}_PACKAGE_DESCRIPTION "${${package}_text}")
endforeach()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SOURCE capmon)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# Creates the user.
set(CPACK_DEBIAN_CAPMOND_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_CAPMOND_PACKAGE_RECOMMENDS capmon)
set(CPACK_DEBIAN_CAPMON_PACKAGE_SUGGESTS capmond)
set(CPACK_DEBIAN_CAPMOND_PACKAGE_CONTROL_EXTRA ${packages}/debian/conffiles ${packages}/debian/postinst
    ${packages}/debian/prerm ${packages}/debian/postrm)

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _build_id_links none")
set(CPACK_RPM_PACKAGE_LICENSE "Apache-2.0 AND (GPL-2.0-only OR Apache-2.0)")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc/capmon /usr/lib/systemd /usr/lib/systemd/system
    /usr/lib/sysusers.d /usr/share/man /usr/share/man/man1 /usr/share/man/man8
    /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/zsh
    /usr/share/zsh/site-functions /usr/share/fish /usr/share/fish/vendor_completions.d)
set(CPACK_RPM_CAPMOND_PACKAGE_REQUIRES systemd)
set(CPACK_RPM_CAPMOND_USER_FILELIST "%config(noreplace) /etc/capmon/capmond.yaml")
set(CPACK_RPM_CAPMOND_POST_INSTALL_SCRIPT_FILE ${packages}/rpm/post)
set(CPACK_RPM_CAPMOND_PRE_UNINSTALL_SCRIPT_FILE ${packages}/rpm/preun)
set(CPACK_RPM_CAPMOND_POST_UNINSTALL_SCRIPT_FILE ${packages}/rpm/postun)
include(CPack)
