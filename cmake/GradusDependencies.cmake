# The libraries that gradus stands on: the system's where it has them, else a pinned source.
include(FetchContent)

find_package(ZLIB REQUIRED)

find_package(fmt QUIET)
if(NOT fmt_FOUND)
  FetchContent_Declare(fmt GIT_REPOSITORY https://github.com/fmtlib/fmt.git GIT_TAG 9.1.0)
  FetchContent_MakeAvailable(fmt)
endif()

find_package(GTest QUIET)
if(NOT GTest_FOUND)
  set(INSTALL_GTEST OFF)
  FetchContent_Declare(googletest GIT_REPOSITORY https://github.com/google/googletest.git
                                  GIT_TAG release-1.12.1)
  FetchContent_MakeAvailable(googletest)
endif()

find_package(nlohmann_json QUIET)
if(NOT nlohmann_json_FOUND)
  FetchContent_Declare(nlohmann_json GIT_REPOSITORY https://github.com/nlohmann/json.git
                                     GIT_TAG v3.11.2)
  FetchContent_MakeAvailable(nlohmann_json)
endif()

find_package(CLI11 QUIET)
if(NOT CLI11_FOUND)
  FetchContent_Declare(CLI11 GIT_REPOSITORY https://github.com/CLIUtils/CLI11.git GIT_TAG v2.1.2)
  FetchContent_MakeAvailable(CLI11)
endif()

# gnuplot-iostream is optional: without it chapters print their numbers and skip the figures.
find_path(GNUPLOT_IOSTREAM_INCLUDE gnuplot-iostream.h)
find_package(Boost QUIET COMPONENTS iostreams system filesystem)
add_library(gradus_gnuplot INTERFACE)
if(GNUPLOT_IOSTREAM_INCLUDE AND Boost_FOUND)
  target_include_directories(gradus_gnuplot SYSTEM INTERFACE ${GNUPLOT_IOSTREAM_INCLUDE})
  target_link_libraries(gradus_gnuplot INTERFACE Boost::iostreams Boost::system Boost::filesystem)
  target_compile_definitions(gradus_gnuplot INTERFACE GRADUS_HAVE_GNUPLOT=1)
else()
  message(STATUS "gradus: no gnuplot-iostream: chapters run, figures are skipped")
  target_compile_definitions(gradus_gnuplot INTERFACE GRADUS_HAVE_GNUPLOT=0)
endif()
