# SPDX-License-Identifier: Apache-2.0
# Run by CPack when the components are installed and not packed yet: compresses what Debian has compressed,
# and adds copyright and changelog. CPACK_CAPMON_CHANGELOG: the changelog's path.
foreach(package ${CPACK_COMPONENTS_ALL})
  set(share ${CPACK_TEMPORARY_DIRECTORY}/${package}/usr/share)
  set(documents ${share}/doc/${package})
  file(REMOVE ${share}/doc/capmon/LICENSE) # said by `copyright`, with the licence of bpf/
  # Not file(INSTALL), which heeds the DESTDIR that CPack leaves behind.
  file(MAKE_DIRECTORY ${documents})
  file(COPY_FILE ${CPACK_CAPMON_PACKAGES}/copyright ${documents}/copyright)
  file(COPY_FILE ${CPACK_CAPMON_CHANGELOG} ${documents}/changelog.Debian)
  file(CHMOD ${documents}/copyright ${documents}/changelog.Debian
       PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  file(GLOB compressed ${share}/man/man[1-8]/*)
  foreach(file ${compressed} ${documents}/changelog.Debian)
    execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  if(CPACK_GENERATOR STREQUAL DEB AND EXISTS ${CPACK_CAPMON_PACKAGES}/debian/${package}.overrides)
    file(MAKE_DIRECTORY ${share}/lintian/overrides)
    file(COPY_FILE ${CPACK_CAPMON_PACKAGES}/debian/${package}.overrides ${share}/lintian/overrides/${package})
  endif()
endforeach()
