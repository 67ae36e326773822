# SPDX-License-Identifier: Apache-2.0
# Completion of capmon for fish. To use it: capmon completion fish | source

function __capmon_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$current"
            case :commands
                __fish_complete_command
            case :more
            case '*'
                echo $line
        end
    end
end
complete -c capmon -f -a '(__capmon_complete)'
