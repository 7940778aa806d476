# gradus_chapter(01_perceptron [FLOAT] [TRAINS_IN_FLOAT] [FUSED] [USES chapters] [SHOWS chapters])
#
# USES names the earlier chapters that the contract needs, SHOWS those that only the demonstration
# needs. From chapters/01_perceptron/{perceptron.cpp,stub.cpp,main.cpp} and the files of tests/ makes
#
#   chapter_01        library of the reference, Scalar = double
#   chapter_01_float  the same with Scalar = float     (FLOAT or TRAINS_IN_FLOAT)
#   experiment_01     library of what lies beside the contract: every other .cpp of the folder, as
#                     experiment.cpp; experiment_01_float likewise
#   01_perceptron     the demonstration                (in float with TRAINS_IN_FLOAT)
#   test_01           tests/chapters/01_perceptron_test.cpp, always in double
#   claims_01         tests/claims/01_perceptron_claims.cpp, as the demonstration
#   stub_01           the tests against the stub, which must score nothing
#   student_01        all that the check of a student's perceptron.cpp needs
#
# and the tests 01_perceptron, 01_claims, 01_stub and 01_mutants. In a build tree that was
# configured with GRADUS_WITH=FOLDER, FOLDER/01_perceptron/perceptron.cpp takes the place of the
# reference wherever it exists.
function(gradus_chapter folder)
  cmake_parse_arguments(ARG "FLOAT;TRAINS_IN_FLOAT;FUSED" "" "USES;SHOWS" ${ARGN})
  string(SUBSTRING ${folder} 0 2 number)
  string(SUBSTRING ${folder} 3 -1 name)
  set(chapter ${CMAKE_SOURCE_DIR}/chapters/${folder})
  set(tests ${CMAKE_SOURCE_DIR}/tests)
  set(uses "")
  set(uses_float "")
  foreach(earlier IN LISTS ARG_USES)
    string(SUBSTRING ${earlier} 0 2 earlier)
    list(APPEND uses chapter_${earlier})
    list(APPEND uses_float chapter_${earlier}_float)
  endforeach()

  # For the grader, which makes targets of its own.
  set_property(GLOBAL APPEND PROPERTY GRADUS_CHAPTERS ${folder})
  set_property(GLOBAL PROPERTY GRADUS_CHAPTER_${folder} ${name} USES ${ARG_USES})

  # The chapter, and the chapter in float.
  set(source ${chapter}/${name}.cpp)
  set(written_by reference)
  if(GRADUS_WITH AND EXISTS ${GRADUS_WITH}/${folder}/${name}.cpp)
    set(source ${GRADUS_WITH}/${folder}/${name}.cpp)
    set(written_by student)
  endif()
  add_library(chapter_${number} STATIC ${source})
  target_link_libraries(chapter_${number} PUBLIC ${uses} common)
  set(all_uses ${uses})  # with those that they use in turn; later chapters first, as linkers want
  foreach(earlier IN LISTS uses)
    get_target_property(more ${earlier} GRADUS_USES)
    list(APPEND all_uses ${more})
  endforeach()
  list(REMOVE_DUPLICATES all_uses)
  list(SORT all_uses ORDER DESCENDING)
  set_target_properties(chapter_${number} PROPERTIES GRADUS_USES "${all_uses}" GRADUS_FOLDER ${folder}
                                                     GRADUS_WRITTEN_BY ${written_by})
  set(kind "")
  if(ARG_FLOAT OR ARG_TRAINS_IN_FLOAT)
    add_library(chapter_${number}_float STATIC ${source})
    target_link_libraries(chapter_${number}_float PUBLIC ${uses_float} common_float)
  endif()
  if(ARG_TRAINS_IN_FLOAT)
    set(kind _float)
  endif()

  # In double such a chapter is only tested: half the time of its compilation is enough.
  if(ARG_TRAINS_IN_FLOAT AND NOT ARG_FUSED)
    target_link_libraries(chapter_${number} PRIVATE gradus_light)
  endif()

  if(ARG_FUSED)  # may fuse products with sums, as common/matmul.cpp may
    set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${GRADUS_FUSED}")
  endif()

  # What lies beside the contract, and the demonstration.
  gradus_experiment(${folder} ${name} ${ARG_SHOWS})
  add_executable(${folder} ${chapter}/main.cpp)
  target_link_libraries(${folder} PRIVATE experiment_${number}${kind} report gradus_light)
  target_compile_definitions(${folder} PRIVATE GRADUS_CHAPTER="${folder}")
  if(GRADUS_WITH)
    get_target_property(shows experiment_${number} GRADUS_SHOWS)
    gradus_say_whose(${folder} ${shows} chapter_${number})
  endif()

  # The tests that a student is graded by, against the reference and against the stub. The grader links the
  # same objects, so an index is checked in them.
  add_library(tests_${number} OBJECT ${tests}/chapters/${folder}_test.cpp)
  set(compiled gradus_quick)
  if(ARG_FUSED)  # its plain loops over large products take longer than their compilation
    set(compiled gradus_light)
  endif()
  target_link_libraries(tests_${number} PUBLIC common GTest::gtest PRIVATE ${compiled})
  target_compile_definitions(tests_${number} PRIVATE GRADUS_CHECKED _GLIBCXX_ASSERTIONS)
  add_executable(test_${number})
  target_link_libraries(test_${number} PRIVATE tests_${number} chapter_${number} test_support)
  add_executable(stub_${number} ${chapter}/stub.cpp)
  target_link_libraries(stub_${number} PRIVATE tests_${number} ${uses} common test_support)
  add_test(NAME ${folder} COMMAND score --expect 100 $<TARGET_FILE:test_${number}>)
  add_test(NAME ${number}_stub COMMAND score --expect 0 --expect-passed 0
                                       $<TARGET_FILE:stub_${number}>)

  # What the figures claim.
  if(EXISTS ${tests}/claims/${folder}_claims.cpp)
    add_executable(claims_${number} ${tests}/claims/${folder}_claims.cpp)
    target_link_libraries(claims_${number} PRIVATE experiment_${number}${kind} test_support${kind}
                                                   gradus_light)
    add_test(NAME ${number}_claims COMMAND claims_${number})
    # On a machine with other work, two threads that wait for each other are slower than one.
    set_tests_properties(${number}_claims PROPERTIES ENVIRONMENT OMP_NUM_THREADS=1)
    if(ARG_TRAINS_IN_FLOAT)
      set_tests_properties(${number}_claims PROPERTIES LABELS training)
    endif()
  endif()

  # What is tried in place of the reference: a student's file, and mutants.
  gradus_in_place(${folder} student_${number} test_${number} tests_${number} ${all_uses} common)
  if(EXISTS ${tests}/mutants/${folder}.json)
    gradus_mutants(${folder})
  endif()
endfunction()

# gradus_experiment(folder name chapters...): experiment_NN, and experiment_NN_float if the chapter is
# built in float. It links what the demonstration shows of earlier chapters, their experiments too.
# Only what a demonstration or claims need is built.
function(gradus_experiment folder name)
  string(SUBSTRING ${folder} 0 2 number)
  set(chapter ${CMAKE_SOURCE_DIR}/chapters/${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${chapter}/*.cpp)
  list(REMOVE_ITEM sources ${chapter}/${name}.cpp ${chapter}/stub.cpp ${chapter}/main.cpp)
  get_target_property(shows chapter_${number} GRADUS_USES)
  foreach(kind "" _float)
    if(NOT TARGET chapter_${number}${kind})
      continue()
    endif()
    if(sources)
      add_library(experiment_${number}${kind} STATIC EXCLUDE_FROM_ALL ${sources})
      set(access PUBLIC)
    else()
      add_library(experiment_${number}${kind} INTERFACE)
      set(access INTERFACE)
    endif()
    target_link_libraries(experiment_${number}${kind} ${access} chapter_${number}${kind} io)
    foreach(earlier IN LISTS ARGN)
      string(SUBSTRING ${earlier} 0 2 earlier)
      target_link_libraries(experiment_${number}${kind} ${access} experiment_${earlier}${kind})
      get_target_property(more experiment_${earlier} GRADUS_SHOWS)
      list(APPEND shows chapter_${earlier} ${more})
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES shows)
  list(SORT shows ORDER DESCENDING)
  set_target_properties(experiment_${number} PROPERTIES GRADUS_SHOWS "${shows}")
endfunction()

# gradus_say_whose(folder chapters...): who wrote the chapters that a demonstration runs, for
# ./gradus run --with, which reads it from what CMake prints.
function(gradus_say_whose folder)
  set(student "")
  set(reference "")
  list(REVERSE ARGN)
  foreach(chapter IN LISTS ARGN)
    get_target_property(name ${chapter} GRADUS_FOLDER)
    get_target_property(written_by ${chapter} GRADUS_WRITTEN_BY)
    list(APPEND ${written_by} ${name})
  endforeach()
  list(SORT student)
  list(SORT reference)
  list(JOIN student " " student)
  list(JOIN reference " " reference)
  message(STATUS "gradus: ${folder} with [${student}] and of the reference [${reference}]")
endfunction()

# All headers beside the contracts in one file: whoever writes chapter 12 can use them together.
function(gradus_headers_together)
  file(GLOB headers RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/chapters/*/*.hpp)
  set(text "")
  foreach(header IN LISTS headers)
    string(APPEND text "#include \"${header}\"\n")
  endforeach()
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/headers_together.cpp CONTENT "${text}int main() {}\n")
  add_executable(headers_together ${CMAKE_BINARY_DIR}/headers_together.cpp)
  target_link_libraries(headers_together PRIVATE common_float report gradus_light)
  add_test(NAME headers_together COMMAND headers_together)
endfunction()

# Beside PyTorch and NumPy, by hand and by ./gradus bench, which builds them: a training step of the
# lecture's models, and four of its experiments.
function(gradus_training_bench)
  add_executable(experiments_speed EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/peers/experiments.cpp)
  target_link_libraries(experiments_speed PRIVATE experiment_06_float chapter_11_float fmt::fmt)
  find_package(CLI11 QUIET)
  if(NOT (CLI11_FOUND AND OpenMP_CXX_FOUND AND CMAKE_SYSTEM_NAME STREQUAL "Linux"))
    return()
  endif()
  set(peers ${CMAKE_SOURCE_DIR}/tests/peers)
  add_executable(training_bench EXCLUDE_FROM_ALL ${peers}/training_bench.cpp ${peers}/worker.cpp)
  target_link_libraries(training_bench PRIVATE experiment_11_float hardware_float CLI11::CLI11 fmt::fmt)
endfunction()

# What only float shows: tests/float/*.cpp against the chapters built in float, one program for all.
function(gradus_float_tests)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/float/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_float ${sources})
  get_property(folders GLOBAL PROPERTY GRADUS_CHAPTERS)
  foreach(folder IN LISTS folders)
    string(SUBSTRING ${folder} 0 2 number)
    if(TARGET chapter_${number}_float)
      target_link_libraries(test_float PRIVATE chapter_${number}_float)
    endif()
  endforeach()
  target_link_libraries(test_float PRIVATE common_float io test_support_float gradus_light)
  gradus_as_one_file(test_float)
  add_test(NAME float COMMAND test_float)
endfunction()

# gradus_in_place(list target test object-library libraries...): how a file is tried in place of the
# reference, in build/.../mutants/LIST.args: compiled, and linked in front of the objects of the
# tests and the libraries, whose member of the same name is then not taken. `target` builds all that
# is named there, since both come from the same list.
function(gradus_in_place list target test objects)
  set(libraries test_support ${ARGN} GTest::gtest_main GTest::gtest)
  set(link $<TARGET_OBJECTS:${objects}>)
  foreach(library IN LISTS libraries)
    list(APPEND link $<TARGET_FILE:${library}>)
  endforeach()
  list(APPEND link -lpthread ${OpenMP_CXX_FLAGS} ${GRADUS_QUICK_LINK})
  set(flags -std=c++20 -O1 -DNDEBUG -w -ffp-contract=off -I${CMAKE_SOURCE_DIR} ${OpenMP_CXX_FLAGS})
  list(JOIN flags "\ncompile " flags)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/mutants/${list}.args CONTENT "compiler ${CMAKE_CXX_COMPILER}
compile ${flags}
link $<JOIN:${link},\nlink >
test $<TARGET_FILE:${test}>
")
  add_custom_target(${target} ALL)
  add_dependencies(${target} ${objects} ${libraries})
endfunction()

# gradus_mutants(list): each wrong version in tests/mutants/LIST.json must fail the test that it names.
# The tests are linked from their objects, so that a mutant costs one compilation of one file.
function(gradus_mutants list)
  string(REGEX REPLACE "^([0-9][0-9])_.*" "\\1" number ${list})
  set(at_least "")  # as many as a chapter must have
  if(list STREQUAL threads)
    set(at_least --at-least 1)
  endif()
  set(optimize --optimize 0)  # compiled sooner; not where the time of products would be lost again
  if(list MATCHES "threads|common|10_matmul")
    set(optimize "")
  endif()
  add_test(NAME ${number}_mutants
           COMMAND mutants ${at_least} ${optimize} --list ${CMAKE_SOURCE_DIR}/tests/mutants/${list}.json --root
                   ${CMAKE_SOURCE_DIR} --build ${CMAKE_BINARY_DIR}/mutants/${list}.args
                   --work ${CMAKE_BINARY_DIR}/mutants/${list})
  set_tests_properties(${number}_mutants PROPERTIES LABELS full TIMEOUT 900 COST 200)
endfunction()
