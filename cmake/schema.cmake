# foretime_schema(NAME FILE.fbs): the library NAME offers <NAME.h>, the accessors of a FlatBuffers schema.
find_program(FLATC flatc REQUIRED)

function(foretime_schema name file)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${name})
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  add_custom_command(
    OUTPUT ${folder}/${name}.h
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${CMAKE_COMMAND} -E copy ${source} ${folder}/${name}.fbs
    COMMAND ${FLATC} --cpp --scoped-enums --filename-suffix "" -o ${folder} ${folder}/${name}.fbs
    DEPENDS ${source}
    VERBATIM)
  add_custom_target(${name}_header DEPENDS ${folder}/${name}.h)
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}_header)
  target_include_directories(${name} SYSTEM INTERFACE ${folder})
endfunction()
