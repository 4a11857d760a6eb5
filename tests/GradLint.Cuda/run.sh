#!/usr/bin/env bash
# Checks the guard on a GPU, against the CPU and against clip_grad_norm_. In two steps, because the machine with the GPU needs
# neither .NET nor NuGet, only an installed libtorch of the version that TorchSharp was built with (2.10.0):
#
#   tests/GradLint.Cuda/run.sh publish FOLDER       where .NET is: makes a folder that needs nothing else (about 80 MB)
#   FOLDER/run.sh run LIBTORCH [cuda|cpu]           where the GPU is: LIBTORCH holds libtorch_cuda.so, such as .../site-packages/torch/lib
#
# Ends with 0 if all is well, 1 if a check failed, 2 if there is no such device.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

case "${1:-}" in
    publish)
        dotnet publish -c Release -r linux-x64 --self-contained -o "$2" "$here/GradLint.Cuda.csproj"
        ;;
    run)
        # TorchSharp looks for libtorch beside itself.
        for library in "$2"/*.so*; do
            [ -e "$here/$(basename "$library")" ] || ln -s "$(readlink -f "$library")" "$here/$(basename "$library")"
        done
        LD_LIBRARY_PATH="$here:$2${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$here/GradLint.Cuda" "${3:-cuda}"
        ;;
    *)
        sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
esac
