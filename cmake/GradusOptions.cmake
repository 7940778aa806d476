set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# Where ccache is and works (it needs a folder to write to), what was compiled before is not compiled again,
# in another checkout either. By the lists of headers that Ninja and Make ask for anyway: to preprocess each
# file first would take longer. What -march=native means, by the compiler's macros, is part of the question:
# machines that are not alike may share the folder.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(tried ${CMAKE_BINARY_DIR}/CMakeFiles/ccache)
  file(WRITE ${tried}.cpp "int main() {}\n")
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -march=native -dM -E ${tried}.cpp
                  OUTPUT_FILE ${tried}.machine ERROR_QUIET)
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
               CCACHE_EXTRAFILES=${tried}.machine ${CCACHE})
  execute_process(COMMAND ${launcher} ${CMAKE_CXX_COMPILER} -c ${tried}.cpp -o ${tried}.o
                  RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  if(NOT failed)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  endif()
endif()

# What every target of the project is compiled with.
#
# -ffp-contract=off: a product and a sum are rounded separately, as written, so GCC, Clang and
# NumPy print the same digits. Products of matrices alone may fuse them: there it doubles the speed.
# -fno-math-errno: nobody reads errno after std::sqrt, and without it a step of Adam is vectorized.
add_library(gradus_options INTERFACE)
target_include_directories(gradus_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(gradus_options INTERFACE -Wall -Wextra -Wpedantic -ffp-contract=off
                       -fno-math-errno)
# A failed test names its file by where it lies in the checkout, whichever checkout ccache compiled it for.
target_compile_options(gradus_options INTERFACE -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(GRADUS_WERROR)
  target_compile_options(gradus_options INTERFACE -Werror)
endif()
if(GRADUS_NATIVE)
  include(CheckCXXCompilerFlag)
  check_cxx_compiler_flag(-march=native GRADUS_HAVE_MARCH_NATIVE)
  if(GRADUS_HAVE_MARCH_NATIVE)
    target_compile_options(gradus_options INTERFACE -march=native)
  endif()
  # This machine with shorter vectors, for ./gradus bench matmul --width.
  if(GRADUS_WIDTH STREQUAL "avx2")
    target_compile_options(gradus_options INTERFACE -mno-avx512f)
  elseif(GRADUS_WIDTH STREQUAL "sse2")
    target_compile_options(gradus_options INTERFACE -mno-avx)
  endif()
endif()

# Tests and demonstrations compute little and tools mostly wait for programs, but they are many lines:
# compiled as thoroughly as the chapters they would take most of the time of a build. The tests of a
# chapter compute, but a student waits for their compilation.
add_library(gradus_light INTERFACE)
add_library(gradus_quick INTERFACE)
add_library(gradus_unoptimized INTERFACE)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(gradus_light INTERFACE -O1)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(gradus_quick INTERFACE -Og)
  else()
    target_compile_options(gradus_quick INTERFACE -O0)  # Clang's -Og is -O1, three times as slow
  endif()
  target_compile_options(gradus_unoptimized INTERFACE -O0)
elseif(GRADUS_SANITIZE)  # with its checks optimization takes three times as long
  target_compile_options(gradus_quick INTERFACE -O0)
  target_compile_options(gradus_unoptimized INTERFACE -O0)
endif()

# Students' versions and mutants are linked one by one: with gold, where it is, in a third of the time.
include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=gold GRADUS_HAVE_GOLD)
if(GRADUS_HAVE_GOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT GRADUS_SANITIZE)
  set(GRADUS_QUICK_LINK -fuse-ld=gold)
endif()

# gradus_as_one_file(target [EXCEPT files...] [INTO n]): its sources are compiled together, or as so many files,
# so that the long headers of the libraries, GoogleTest's above all, are read once and not once per file. Names
# must then differ between the files. CMake's own UNITY_BUILD would name where the checkout lies, and ccache find
# nothing in another one.
function(gradus_as_one_file target)
  cmake_parse_arguments(ARG "" "INTO" "EXCEPT" ${ARGN})
  if(NOT ARG_INTO)
    set(ARG_INTO 1)
  endif()
  get_target_property(sources ${target} SOURCES)
  set(place 0)
  foreach(source IN LISTS sources)
    if(NOT source IN_LIST ARG_EXCEPT)
      cmake_path(ABSOLUTE_PATH source NORMALIZE)
      cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
      string(APPEND text_${place} "#include \"${source}\"\n")
      math(EXPR place "(${place} + 1) % ${ARG_INTO}")
    endif()
  endforeach()
  set(files ${ARG_EXCEPT})
  math(EXPR last "${ARG_INTO} - 1")
  foreach(place RANGE ${last})
    set(file ${CMAKE_CURRENT_BINARY_DIR}/${target}_${place}.cpp)
    file(CONFIGURE OUTPUT ${file} CONTENT "${text_${place}}" @ONLY)
    list(APPEND files ${file})
  endforeach()
  set_target_properties(${target} PROPERTIES SOURCES "${files}")
endfunction()

# What products of matrices are compiled with, beside -O3:
#   -mprefer-vector-width=512              tiles are as wide as common/vectors.hpp says; compilers that
#                                          take a processor for one with slow vectors would halve them
#   -fno-tree-loop-distribute-patterns     GCC makes memset and memcpy of the first and last loop of a
#                                          tile, which keeps its sums in memory
set(GRADUS_FUSED -O3 -ffp-contract=fast)
if(GRADUS_SANITIZE)  # with its checks Clang takes two minutes for tiles that are optimized
  set(GRADUS_FUSED -O0 -ffp-contract=fast)
endif()
include(CheckCXXCompilerFlag)
foreach(flag -mprefer-vector-width=512 -fno-tree-loop-distribute-patterns)
  string(MAKE_C_IDENTIFIER GRADUS_HAVE${flag} have)
  check_cxx_compiler_flag(${flag} ${have})
  if(${have})
    list(APPEND GRADUS_FUSED ${flag})
  endif()
endforeach()

if(GRADUS_SANITIZE)
  # The sanitizers' own code misleads GCC's search for uninitialized values, in std::regex for one, and keeps
  # Clang from vectorizing; the other builds keep these warnings.
  target_compile_options(gradus_options INTERFACE
                         $<IF:$<CXX_COMPILER_ID:GNU>,-Wno-maybe-uninitialized,-Wno-pass-failed>)
  target_compile_options(gradus_options INTERFACE -fsanitize=address,undefined
                                                  -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(gradus_options INTERFACE -fsanitize=address,undefined)
endif()
if(GRADUS_THREAD_SANITIZE)
  target_compile_options(gradus_options INTERFACE -fsanitize=thread -O1 -g)
  target_link_options(gradus_options INTERFACE -fsanitize=thread)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(gradus_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()

# gradus_define_path(target INTERFACE|PRIVATE NAME path): the path as a text of the program. As an option,
# since CMake drops a definition with a # in it.
function(gradus_define_path target scope name path)
  target_compile_options(${target} ${scope} "-D${name}=\"${path}\"")
endfunction()

# For who finds files of the project (data, plots) from here: only for those, since whatever knows where a
# checkout lies is compiled anew in another one.
add_library(gradus_root INTERFACE)
gradus_define_path(gradus_root INTERFACE GRADUS_ROOT ${CMAKE_SOURCE_DIR})

if(GRADUS_OPENMP)
  find_package(OpenMP COMPONENTS CXX QUIET)
endif()
if(OpenMP_CXX_FOUND)
  target_link_libraries(gradus_options INTERFACE OpenMP::OpenMP_CXX)
else()
  message(STATUS "gradus: no OpenMP: everything works, on one thread")
  target_compile_options(gradus_options INTERFACE -Wno-unknown-pragmas)
endif()
